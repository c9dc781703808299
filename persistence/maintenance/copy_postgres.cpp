#include "persistence/maintenance/copy_side.hpp"
#include "persistence/maintenance/pg_maintenance.hpp"
#include "persistence/postgres/pg_exchange.hpp"
#include "persistence/postgres/pg_open.hpp"

#include <chrono>
#include <list>
#include <utility>

namespace hubbub {

namespace {

constexpr std::chrono::hours copy_patience{24};

constexpr pg::statement begin_copying{"begin", "BEGIN"};
constexpr pg::statement end_copying{"commit", "COMMIT"};
constexpr pg::statement read_globals{
    "read_globals", "SELECT secret, CASE WHEN is_called THEN last_value ELSE 0 END"
                    " FROM settings, message_ids"};
constexpr pg::statement write_secret{"write_secret", "UPDATE settings SET secret = $1::bytea"};
constexpr pg::statement write_last_id{
    "write_last_id", "SELECT setval('message_ids', greatest($1::bigint, 1), $1::bigint > 0)"};
constexpr pg::statement is_copying{"is_copying", "SELECT to_regclass('copying') IS NOT NULL"};
constexpr pg::statement read_source{"read_source", "SELECT source FROM copying"};
constexpr pg::statement mark_copying{"mark_copying",
                                     "CREATE TABLE copying (source text COLLATE \"C\")"};
constexpr pg::statement name_source{"name_source", "INSERT INTO copying VALUES ($1::text)"};
constexpr pg::statement unmark_copying{"unmark_copying", "DROP TABLE copying"};

void add_cell(pg::parameters& arguments, const copied_cell& cell) {
  if (const auto* number = std::get_if<std::int64_t>(&cell))
    arguments.add(*number);
  else if (const auto* text = std::get_if<std::string>(&cell))
    arguments.add(*text);
  else
    arguments.add(std::optional<std::int64_t>{});
}

pg::array column_of(const std::vector<copied_row>& rows, std::size_t column, cell_kind kind) {
  pg::array list{kind == cell_kind::number ? pg::element::number
                 : kind == cell_kind::text ? pg::element::text
                                           : pg::element::bytes};
  for (const auto& row : rows) {
    if (const auto* number = std::get_if<std::int64_t>(&row[column]))
      list.add(*number);
    else if (const auto* text = std::get_if<std::string>(&row[column]))
      list.add(std::string_view{*text});
    else
      list.add_null();
  }
  return list;
}

copied_cell cell_of(const pg::result& rows, int row, int column, cell_kind kind) {
  if (rows.is_null(row, column)) return std::monostate{};
  if (kind == cell_kind::number) return rows.integer(row, column);
  return rows.text(row, column);
}

class postgres_side final : public copy_side {
 public:
  explicit postgres_side(pg::connection open) : open_(std::move(open)) {}

  expected<std::int64_t, std::string> count(const copied_table& table) override {
    // The count is that of the rows after the lowest possible key, since no other statement
    // names the table.
    std::int64_t rows = 0;
    const auto sql = std::string{table.pg_last.sql};
    const auto from = sql.find(" FROM ") + 6;
    const auto name = sql.substr(from, sql.find(' ', from) - from);
    const auto statement_name = "count_" + name;
    counts_.emplace_back(statement_name, "SELECT count(*) FROM " + name);
    const auto& [label, text] = counts_.back();
    pg::exchange ask{open_};
    ask.add({label.c_str(), text.c_str()}, {},
            [&](const pg::result& found) { rows = found.integer(0, 0); });
    if (const auto done = ask.run(copy_patience); !done) return failed(done.error());
    return rows;
  }

  expected<std::vector<copied_row>, std::string>
  page(const copied_table& table, const copied_row& after, std::int64_t limit) override {
    pg::parameters arguments;
    for (const auto& cell : after)
      add_cell(arguments, cell);
    arguments.add(limit);
    std::vector<copied_row> rows;
    pg::exchange read{open_};
    read.add(table.pg_page, arguments, [&](const pg::result& found) {
      for (int i = 0; i < found.size(); ++i) {
        auto& row = rows.emplace_back();
        for (std::size_t c = 0; c < table.columns.size(); ++c)
          row.push_back(cell_of(found, i, static_cast<int>(c), table.columns[c]));
      }
    });
    if (const auto done = read.run(copy_patience); !done) return failed(done.error());
    return rows;
  }

  expected<copied_row, std::string> last(const copied_table& table) override {
    copied_row key;
    pg::exchange read{open_};
    read.add(table.pg_last, {}, [&](const pg::result& found) {
      if (found.empty()) return;
      for (std::size_t c = 0; c < table.key; ++c)
        key.push_back(cell_of(found, 0, static_cast<int>(c), table.columns[c]));
    });
    if (const auto done = read.run(copy_patience); !done) return failed(done.error());
    return key;
  }

  expected<void, std::string> write(const copied_table& table,
                                    const std::vector<copied_row>& rows) override {
    pg::parameters arguments;
    for (std::size_t c = 0; c < table.columns.size(); ++c)
      arguments.add(column_of(rows, c, table.columns[c]));
    pg::exchange insert{open_};
    insert.add(table.pg_insert, arguments);
    if (const auto done = insert.run(copy_patience); !done) return failed(done.error());
    return {};
  }

  expected<copied_globals, std::string> globals() override {
    copied_globals known;
    pg::exchange read{open_};
    read.add(read_globals, {}, [&](const pg::result& rows) {
      if (rows.empty()) return;
      known = {.secret = rows.text(0, 0), .last_message_id = rows.integer(0, 1)};
    });
    if (const auto done = read.run(copy_patience); !done) return failed(done.error());
    return known;
  }

  expected<std::string, std::string> copied_from() override {
    bool copying = false;
    std::string from;
    pg::exchange look{open_};
    look.add(is_copying, {}, [&](const pg::result& rows) { copying = rows.boolean(0, 0); });
    if (const auto done = look.run(copy_patience); !done) return failed(done.error());
    if (!copying) return from;
    pg::exchange read{open_};
    read.add(read_source, {}, [&](const pg::result& rows) {
      from = rows.empty() ? std::string{"?"} : rows.text(0, 0);
    });
    if (const auto done = read.run(copy_patience); !done) return failed(done.error());
    return from;
  }

  expected<void, std::string> begin(const std::string& from) override {
    pg::exchange mark{open_};
    mark.add(begin_copying);
    mark.add(mark_copying);
    mark.add(name_source, pg::parameters::of(from));
    mark.add(end_copying);
    if (const auto done = mark.run(copy_patience); !done) return failed(done.error());
    return {};
  }

  expected<void, std::string> finish(const copied_globals& globals,
                                     const copy_progress& /*progress*/) override {
    pg::exchange end{open_};
    end.add(begin_copying);
    end.add(write_secret, pg::parameters::of(globals.secret));
    end.add(write_last_id, pg::parameters::of(globals.last_message_id));
    end.add(unmark_copying);
    end.add(end_copying);
    if (const auto done = end.run(copy_patience); !done) return failed(done.error());
    const auto analyzed = open_.run_script("ANALYZE", copy_patience);
    if (!analyzed) return failed(analyzed.error());
    return {};
  }

 private:
  static tl::unexpected<std::string> failed(const pg::failure& why) {
    return unexpected("the copy failed: " + why.message);
  }

  pg::connection open_;
  std::list<std::pair<std::string, std::string>>
      counts_; ///< statements, kept alive for the connection
};

} // namespace

expected<std::unique_ptr<copy_side>, std::string> open_postgres_side(const std::string& address,
                                                                     bool is_target) {
  if (!is_target) {
    auto look = pg::open_session(address, pg::role::tool, durability::full);
    if (!look) return unexpected(pg::cannot_use(address, look.error()));
    if (auto fits = pg::expect_current(*look, address); !fits) return unexpected(fits.error());
  }
  auto open = own_postgres(address);
  if (!open) return unexpected(std::move(open.error()));
  return std::make_unique<postgres_side>(*std::move(open));
}

} // namespace hubbub
