#include "persistence/maintenance/copy_side.hpp"
#include "persistence/maintenance/maintenance_open.hpp"
#include "persistence/sqlite/sqlite_columns.hpp"
#include "persistence/sqlite/sqlite_search_indexer.hpp"
#include "persistence/sqlite/sqlite_store.hpp"

#include <sqlite3.h>

#include <cstring>
#include <utility>

namespace hubbub {

namespace {

struct finalizer {
  void operator()(sqlite3_stmt* statement) const noexcept { sqlite3_finalize(statement); }
};

/// A statement whose arguments are known only at run time.
class loose_statement {
 public:
  loose_statement(sqlite3* db, const char* sql) {
    sqlite3_stmt* made = nullptr;
    sqlite3_prepare_v2(db, sql, -1, &made, nullptr);
    statement_.reset(made);
  }

  void bind(int index, const copied_cell& cell, cell_kind kind) {
    auto* to = statement_.get();
    if (const auto* number = std::get_if<std::int64_t>(&cell)) {
      sqlite3_bind_int64(to, index, *number);
    } else if (const auto* text = std::get_if<std::string>(&cell)) {
      const auto length = static_cast<int>(text->size());
      if (kind == cell_kind::bytes)
        sqlite3_bind_blob(to, index, text->data(), length, SQLITE_STATIC);
      else
        sqlite3_bind_text(to, index, text->data(), length, SQLITE_STATIC);
    } else {
      sqlite3_bind_null(to, index);
    }
  }
  /// Steps the statement and returns SQLite's code: SQLITE_ROW, SQLITE_DONE, or an error.
  int step() { return statement_ ? sqlite3_step(statement_.get()) : SQLITE_ERROR; }
  void reset() { sqlite3_reset(statement_.get()); }

  [[nodiscard]] copied_cell cell(int column, cell_kind kind) const {
    auto* from = statement_.get();
    if (sqlite3_column_type(from, column) == SQLITE_NULL) return std::monostate{};
    if (kind == cell_kind::number) return std::int64_t{sqlite3_column_int64(from, column)};
    const auto* bytes = static_cast<const char*>(sqlite3_column_blob(from, column));
    const auto length = static_cast<std::size_t>(sqlite3_column_bytes(from, column));
    return bytes ? std::string{bytes, length} : std::string{};
  }

 private:
  std::unique_ptr<sqlite3_stmt, finalizer> statement_;
};

class sqlite_side final : public copy_side {
 public:
  explicit sqlite_side(owned_database owned)
      : owned_(std::move(owned)), search_(owned_.db),
        add_block_(owned_.db, "INSERT INTO user_blocks (room_id, user_id, block)"
                              " VALUES (?, ?, ? >> 6) ON CONFLICT DO NOTHING") {}

  expected<std::int64_t, std::string> count(const copied_table& table) override {
    const std::string sql{table.sqlite_last};
    const auto from = sql.find(" FROM ") + 6;
    const auto name = sql.substr(from, sql.find(' ', from) - from);
    const auto rows = owned_.db.value("SELECT count(*) FROM " + name);
    if (!rows) return failed();
    return std::stoll(*rows);
  }

  expected<std::vector<copied_row>, std::string>
  page(const copied_table& table, const copied_row& after, std::int64_t limit) override {
    loose_statement read{owned_.db.handle(), table.sqlite_page};
    int index = 0;
    for (const auto& cell : after) {
      read.bind(index + 1, cell, table.columns[static_cast<std::size_t>(index)]);
      ++index;
    }
    const copied_cell bound{limit};
    read.bind(index + 1, bound, cell_kind::number);
    std::vector<copied_row> rows;
    for (;;) {
      const int code = read.step();
      if (code == SQLITE_DONE) return rows;
      if (code != SQLITE_ROW) return failed();
      rows.push_back(row_of(read, table, table.columns.size()));
    }
  }

  expected<copied_row, std::string> last(const copied_table& table) override {
    loose_statement read{owned_.db.handle(), table.sqlite_last};
    const int code = read.step();
    if (code == SQLITE_DONE) return copied_row{};
    if (code != SQLITE_ROW) return failed();
    return row_of(read, table, table.key);
  }

  expected<void, std::string> write(const copied_table& table,
                                    const std::vector<copied_row>& rows) override {
    sqlite::transaction change{owned_.db};
    if (!change.begin()) return failed();
    loose_statement insert{owned_.db.handle(), table.sqlite_insert};
    const bool are_messages = std::strcmp(table.name, "messages") == 0;
    for (const auto& row : rows) {
      for (std::size_t c = 0; c < row.size(); ++c)
        insert.bind(static_cast<int>(c) + 1, row[c], table.columns[c]);
      if (insert.step() != SQLITE_DONE) return failed();
      insert.reset();
      if (are_messages && !add_to_blocks(row)) return failed();
    }
    if (!change.commit()) return failed();
    return {};
  }

  expected<copied_globals, std::string> globals() override {
    const auto secret = owned_.db.value("SELECT bytes FROM secret");
    const auto last = owned_.db.value("SELECT " HUBBUB_LAST_MESSAGE_ID
                                      " FROM counters WHERE name = 'last_message_id'");
    if (!secret || !last || last->empty()) return failed();
    loose_statement read{owned_.db.handle(), "SELECT bytes FROM secret"};
    if (read.step() != SQLITE_ROW) return failed();
    const auto bytes = read.cell(0, cell_kind::bytes);
    return copied_globals{.secret = std::get<std::string>(bytes),
                          .last_message_id = std::stoll(*last)};
  }

  expected<std::string, std::string> copied_from() override {
    const auto copying =
        owned_.db.value("SELECT count(*) FROM sqlite_schema WHERE name = 'copying'");
    if (!copying) return failed();
    if (*copying == "0") return std::string{};
    const auto from = owned_.db.value("SELECT source FROM copying");
    if (!from) return failed();
    return from->empty() ? std::string{"?"} : *from;
  }

  expected<void, std::string> begin(const std::string& from) override {
    // A signature consists of digits and spaces, so it needs no escaping.
    if (!owned_.db.run("BEGIN; CREATE TABLE copying (source TEXT NOT NULL);"
                       "INSERT INTO copying VALUES ('" +
                       from + "'); COMMIT"))
      return failed();
    return {};
  }

  expected<void, std::string> finish(const copied_globals& globals,
                                     const copy_progress& progress) override {
    if (auto written = write(globals); !written) return written;
    if (auto built = build_search(message_id{globals.last_message_id}, progress); !built)
      return built;
    if (!owned_.db.run("DROP TABLE copying")) return failed();
    return {};
  }

 private:
  expected<void, std::string> write(const copied_globals& globals) {
    sqlite::transaction change{owned_.db};
    if (!change.begin()) return failed();
    loose_statement secret{owned_.db.handle(), "UPDATE secret SET bytes = ?"};
    const copied_cell bytes{globals.secret};
    secret.bind(1, bytes, cell_kind::bytes);
    if (secret.step() != SQLITE_DONE) return failed();
    secret.reset();
    if (!owned_.db.run(
            "UPDATE counters SET value = " + std::to_string(globals.last_message_id) +
            " WHERE name = 'last_message_id'") ||
        !change.commit())
      return failed();
    return {};
  }

  /// Adds the words of all messages in the order of their ids, which is how FTS5 takes them
  /// fastest; the rows come in the order of rooms.
  expected<void, std::string> build_search(message_id last, const copy_progress& progress) {
    if (!search_.prepare()) return failed();
    const auto tell = [&] {
      progress("message ids in the search", last.value - search_.tail(), last.value);
    };
    tell();
    while (search_.tail() > 0) {
      if (!search_.follow(index_pace::alone)) return failed();
      tell();
    }
    return {};
  }

  static copied_row row_of(const loose_statement& read, const copied_table& table,
                           std::size_t columns) {
    copied_row row;
    for (std::size_t c = 0; c < columns; ++c)
      row.push_back(read.cell(static_cast<int>(c), table.columns[c]));
    return row;
  }

  /// Adds a row, in the order of the columns of messages, to the blocks of its user.
  [[nodiscard]] bool add_to_blocks(const copied_row& row) {
    const room_id room{std::get<std::int64_t>(row[0])};
    const sequence seq{std::get<std::int64_t>(row[1])};
    const auto& user_id = std::get<std::string>(row[4]);
    return add_block_.run(room, std::string_view{user_id}, seq).has_value();
  }

  tl::unexpected<std::string> failed() const {
    return unexpected(failure("the copy", owned_.db));
  }

  owned_database owned_;
  sqlite_search_indexer search_;
  sqlite::statement add_block_;
};

} // namespace

expected<std::unique_ptr<copy_side>, std::string> open_sqlite_side(const std::string& path,
                                                                   bool is_target) {
  if (path == ":memory:")
    return unexpected(std::string{"a database in memory cannot be copied: name a file"});
  auto owned = is_target ? own_database(path) : own_existing(path);
  if (!owned) return unexpected(std::move(owned.error()));
  return std::make_unique<sqlite_side>(*std::move(owned));
}

} // namespace hubbub
