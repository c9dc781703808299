#pragma once

#include "persistence/store.hpp"
#include "proto/expected.hpp"
#include "proto/ids.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

/// SQLite's C API with owners and error values; no SQL of its own. Everything here belongs to
/// the thread that uses its database.
namespace hubbub::sqlite {

using status = expected<void, store_error>;

/// `full` where the disk or the quota is full, `corrupt` for a damaged file or one that is no
/// database, `io` for everything else. `system_error` is the errno behind the code.
[[nodiscard]] store_error error_of(int code, int system_error = 0);

enum class access : std::uint8_t { read_only, read_write };

/// One connection.
class database {
 public:
  /// `read_write` creates the file. How long a statement waits for another connection's lock is
  /// `busy_ms`. SQLite reads nothing yet: a damaged file shows at the first statement.
  [[nodiscard]] static expected<database, std::string> open(const std::string& path,
                                                            access mode, int busy_ms);

  void wait_for_locks(int busy_ms);
  /// Runs a script whose rows, if any, are of no interest.
  [[nodiscard]] status run(const std::string& script);
  /// The first column of the first row as text, empty where there is none: for pragmas.
  [[nodiscard]] expected<std::string, store_error> value(const std::string& query);
  /// Rows changed by the last statement.
  [[nodiscard]] std::int64_t changes() const;
  [[nodiscard]] bool in_transaction() const;
  /// SQLite opens a file that may not be written for reading, and says nothing.
  [[nodiscard]] bool is_read_only() const;
  /// What SQLite says about its last call, empty where that did not fail.
  [[nodiscard]] std::string last_error() const;
  [[nodiscard]] sqlite3* handle() const { return handle_.get(); }

 private:
  struct closer {
    void operator()(sqlite3* handle) const noexcept;
  };
  explicit database(sqlite3* handle) : handle_(handle) {}

  std::unique_ptr<sqlite3, closer> handle_;
};

/// The result of a query, row by row. As long as it lives the connection keeps its snapshot and
/// the statement cannot be used again.
class rows {
 public:
  rows(sqlite3_stmt* statement, int code) : statement_(statement), code_(code) {}
  rows(const rows&) = delete;
  rows& operator=(const rows&) = delete;
  ~rows();

  /// Steps to the next row; false at the end. Columns may be read after true.
  [[nodiscard]] expected<bool, store_error> next();

  [[nodiscard]] std::int64_t integer(int column) const;
  [[nodiscard]] std::string text(int column) const;
  [[nodiscard]] bool is_null(int column) const;
  template <class Number>
  [[nodiscard]] Number number(int column) const {
    return Number{integer(column)};
  }
  [[nodiscard]] std::optional<std::string> optional_text(int column) const {
    return is_null(column) ? std::nullopt : std::optional{text(column)};
  }

 private:
  sqlite3_stmt* statement_;
  int code_;
};

/// A prepared statement, kept for many runs; it is prepared when it is first needed. Arguments
/// are bound in order and not copied: they must live until the run is over or the rows are
/// gone.
class statement {
 public:
  statement(const database& db, std::string_view sql) : db_(db.handle()), sql_(sql) {}

  /// Prepares it now: fails where the schema is not the one that it was written for.
  [[nodiscard]] status prepare();

  /// Runs a statement without rows.
  template <class... Values>
  [[nodiscard]] status run(const Values&... values) {
    auto result = query(values...);
    if (const auto row = result.next(); !row) return unexpected(row.error());
    return {};
  }

  template <class... Values>
  [[nodiscard]] rows query(const Values&... values) {
    int code = prepare_if_needed();
    int index = 0;
    ((code = code == 0 ? bind(++index, values) : code), ...);
    return rows{statement_.get(), code};
  }

 private:
  struct finalizer {
    void operator()(sqlite3_stmt* statement) const noexcept;
  };

  int prepare_if_needed();
  int bind(int index, std::int64_t value);
  int bind(int index, std::string_view value);
  int bind_null(int index);
  template <class Tag>
  int bind(int index, strong_number<Tag> value) {
    return bind(index, value.value);
  }
  template <class Value>
  int bind(int index, const std::optional<Value>& value) {
    return value ? bind(index, *value) : bind_null(index);
  }

  sqlite3* db_;
  std::string_view sql_;
  std::unique_ptr<sqlite3_stmt, finalizer> statement_;
};

/// A write transaction; rolled back at the end of its scope unless it was committed.
class transaction {
 public:
  explicit transaction(database& db) : db_(db) {}
  transaction(const transaction&) = delete;
  transaction& operator=(const transaction&) = delete;
  ~transaction();

  [[nodiscard]] status begin();
  [[nodiscard]] status commit();

 private:
  database& db_;
};

} // namespace hubbub::sqlite
