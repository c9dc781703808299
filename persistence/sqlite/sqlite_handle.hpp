#pragma once

#include "persistence/store.hpp"
#include "proto/expected.hpp"
#include "proto/ids.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

/// Wraps SQLite's C API in owners and error values; contains no SQL of its own. Everything here
/// belongs to the thread that uses its database.
namespace hubbub::sqlite {

using status = expected<void, store_error>;

/// Returns `full` if the disk or the quota is full, `corrupt` for a damaged file or one that is
/// not a database, and `io` for everything else. `system_error` is the errno behind the code.
[[nodiscard]] store_error error_of(int code, int system_error = 0);

class database;

/// A value for one of our SQL functions, which receives it by the name of its kind; SQL sees
/// NULL.
struct pointer {
  const void* value;
  const char* kind; ///< a literal
};

enum class access : std::uint8_t {
  read_write,
  read_only,
  /// Reads the file alone, without its WAL and without locks. Nothing is created beside it.
  /// Nobody may write it meanwhile.
  immutable,
  /// Reads the file and its WAL without locks; the WAL's index stays in this process. Nothing
  /// is created beside them, but the WAL must exist. Nobody may write them meanwhile.
  unshared,
};

/// The result of a query, row by row. As long as it lives the connection keeps its snapshot,
/// and the statement cannot be used again.
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
  /// Copies a blob; false unless it has exactly this size.
  [[nodiscard]] bool bytes(int column, std::span<std::uint8_t> target) const;
  /// Returns a blob, which is valid until the next step.
  [[nodiscard]] std::span<const std::uint8_t> blob(int column) const;
  [[nodiscard]] bool is_null(int column) const;
  template <class Number>
  [[nodiscard]] Number number(int column) const {
    return Number{integer(column)};
  }
  template <class Number>
  [[nodiscard]] std::optional<Number> optional_number(int column) const {
    return is_null(column) ? std::nullopt : std::optional{number<Number>(column)};
  }
  [[nodiscard]] std::optional<std::string> optional_text(int column) const {
    return is_null(column) ? std::nullopt : std::optional{text(column)};
  }

 private:
  sqlite3_stmt* statement_;
  int code_;
};

/// A prepared statement for many runs; it is prepared when it is first needed. Arguments are
/// bound in order and not copied: they must live until the run is over or the rows are gone.
class statement {
 public:
  statement(sqlite3* db, std::string_view sql) : db_(db), sql_(sql) {}
  statement(const database& db, std::string_view sql);

  /// Prepares the statement now. Fails if the schema is not the one that it was written for.
  [[nodiscard]] status prepare();

  /// Runs a statement and drops its rows.
  template <class... Values>
  [[nodiscard]] status run(const Values&... values) {
    auto result = query(values...);
    if (const auto row = result.next(); !row) return unexpected(row.error());
    return {};
  }

  /// Returns how many rows the last run changed, without triggers. Ask before the next
  /// statement runs.
  [[nodiscard]] std::int64_t changes() const;

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
  int bind(int index, std::span<const std::uint8_t> value);
  int bind(int index, pointer value);
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

/// Prepares all the statements; fails at the first one that cannot be prepared.
template <class... Statements>
[[nodiscard]] status prepare_all(Statements&... statements) {
  status done;
  ((done = done ? statements.prepare() : done), ...);
  return done;
}

/// One connection to a database.
class database {
 public:
  /// Opens a connection; `read_write` creates the file. `busy_ms` is how long a statement waits
  /// for the lock of another connection. SQLite reads nothing yet: a damaged file shows at the
  /// first statement.
  [[nodiscard]] static expected<database, std::string> open(const std::string& path,
                                                            access mode, int busy_ms);

  void wait_for_locks(int busy_ms);
  /// Runs a script and drops its rows.
  [[nodiscard]] status run(const std::string& script);
  /// Returns the first column of the first row as text, empty if there is none; for pragmas.
  [[nodiscard]] expected<std::string, store_error> value(const std::string& query);
  [[nodiscard]] bool in_transaction() const;
  [[nodiscard]] status begin_write() { return begin_write_.run(); }
  [[nodiscard]] status begin_read() { return begin_read_.run(); }
  [[nodiscard]] status commit() { return commit_.run(); }
  /// True if the connection can only read: SQLite silently opens a file without write
  /// permission for reading.
  [[nodiscard]] bool is_read_only() const;
  /// Returns SQLite's message about its last call; empty if that did not fail.
  [[nodiscard]] std::string last_error() const;
  [[nodiscard]] sqlite3* handle() const { return handle_.get(); }

 private:
  struct closer {
    void operator()(sqlite3* handle) const noexcept;
  };
  explicit database(sqlite3* handle)
      : handle_(handle), begin_write_(handle, "BEGIN IMMEDIATE"), begin_read_(handle, "BEGIN"),
        commit_(handle, "COMMIT") {}

  std::unique_ptr<sqlite3, closer> handle_;
  statement begin_write_;
  statement begin_read_;
  statement commit_;
};

/// A write transaction, rolled back at the end of its scope unless it was committed.
class transaction {
 public:
  explicit transaction(database& db) : db_(db) {}
  transaction(const transaction&) = delete;
  transaction& operator=(const transaction&) = delete;
  ~transaction();

  [[nodiscard]] status begin() { return db_.begin_write(); }
  [[nodiscard]] status commit() { return db_.commit(); }

 private:
  database& db_;
};

/// Makes everything that is read in its scope come from one moment. It must end before the
/// reading call returns, since a snapshot that is kept makes the WAL grow.
class snapshot {
 public:
  explicit snapshot(database& db) : db_(db) {}
  snapshot(const snapshot&) = delete;
  snapshot& operator=(const snapshot&) = delete;
  ~snapshot();

  [[nodiscard]] status begin() { return db_.begin_read(); }

 private:
  database& db_;
};

} // namespace hubbub::sqlite
