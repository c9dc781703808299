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

/// SQLite's C API with owners and error values; no SQL of its own. Everything here belongs to
/// the thread that uses its database.
namespace hubbub::sqlite {

using status = expected<void, store_error>;

/// `full` where the disk or the quota is full, `corrupt` for a damaged file or one that is no
/// database, `io` for everything else. `system_error` is the errno behind the code.
[[nodiscard]] store_error error_of(int code, int system_error = 0);

class database;

/// A value for a function of ours, which takes it by the name of its kind; to SQL it is NULL.
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
  /// Reads the file and its WAL, whose index stays in this process, without locks. Nothing is
  /// created beside them, but the WAL must be there. Nobody may write them meanwhile.
  unshared,
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
  /// Copies a blob; false unless it has just this size.
  [[nodiscard]] bool bytes(int column, std::span<std::uint8_t> target) const;
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

/// A prepared statement, kept for many runs; it is prepared when it is first needed. Arguments
/// are bound in order and not copied: they must live until the run is over or the rows are
/// gone.
class statement {
 public:
  statement(sqlite3* db, std::string_view sql) : db_(db), sql_(sql) {}
  statement(const database& db, std::string_view sql);

  /// Prepares it now: fails where the schema is not the one that it was written for.
  [[nodiscard]] status prepare();

  /// Runs a statement without rows.
  template <class... Values>
  [[nodiscard]] status run(const Values&... values) {
    auto result = query(values...);
    if (const auto row = result.next(); !row) return unexpected(row.error());
    return {};
  }

  /// Rows that its last run changed, triggers not counted. Ask before the next statement runs.
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

/// Prepares them all: fails at the first that cannot be.
template <class... Statements>
[[nodiscard]] status prepare_all(Statements&... statements) {
  status done;
  ((done = done ? statements.prepare() : done), ...);
  return done;
}

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
  [[nodiscard]] bool in_transaction() const;
  [[nodiscard]] status begin_write() { return begin_write_.run(); }
  [[nodiscard]] status begin_read() { return begin_read_.run(); }
  [[nodiscard]] status commit() { return commit_.run(); }
  /// SQLite opens a file that may not be written for reading, and says nothing.
  [[nodiscard]] bool is_read_only() const;
  /// What SQLite says about its last call, empty where that did not fail.
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

/// A write transaction; rolled back at the end of its scope unless it was committed.
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

/// All that is read in its scope is of one moment. Ends before the call that reads returns: a
/// snapshot that is kept makes the WAL grow.
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
