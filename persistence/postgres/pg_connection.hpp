#pragma once

#include "persistence/postgres/pg_parameters.hpp"
#include "persistence/store.hpp"
#include "proto/expected.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

struct pg_conn;
struct pg_result;

namespace hubbub::pg {

/// Why a statement, and with it its transaction, failed.
struct failure {
  /// True if the connection is gone; then the last statements that were sent may have been
  /// executed.
  bool connection_lost = false;
  std::string sqlstate = {}; ///< five characters; empty if the server reported none
  std::string message = {};  ///< the server's or libpq's own words, one line
};

/// Returns `full` if the disk or the quota is full, `corrupt` for damage, and `io` for
/// everything else.
[[nodiscard]] store_error error_of(const failure& why);
/// True if the same transaction may succeed at the next attempt, as after a deadlock.
[[nodiscard]] bool is_worth_a_repeat(const failure& why);

/// The rows of one statement, in binary form.
class result {
 public:
  explicit result(pg_result* rows);

  [[nodiscard]] int size() const;
  [[nodiscard]] bool empty() const { return size() == 0; }
  /// Returns how many rows a statement without rows of its own changed.
  [[nodiscard]] std::int64_t changes() const;

  [[nodiscard]] bool is_null(int row, int column) const;
  [[nodiscard]] std::int64_t integer(int row, int column) const;
  [[nodiscard]] bool boolean(int row, int column) const;
  [[nodiscard]] std::string text(int row, int column) const;
  /// Copies bytes; false unless there are exactly as many as `target` holds.
  [[nodiscard]] bool bytes(int row, int column, std::span<std::uint8_t> target) const;
  template <class Number>
  [[nodiscard]] Number number(int row, int column) const {
    return Number{integer(row, column)};
  }
  template <class Number>
  [[nodiscard]] std::optional<Number> optional_number(int row, int column) const {
    return is_null(row, column) ? std::nullopt : std::optional{number<Number>(row, column)};
  }
  [[nodiscard]] std::optional<std::string> optional_text(int row, int column) const {
    return is_null(row, column) ? std::nullopt : std::optional{text(row, column)};
  }

 private:
  struct clearer {
    void operator()(pg_result* rows) const noexcept;
  };
  std::unique_ptr<pg_result, clearer> rows_;
};

/// A statement that each connection prepares when it first runs it. It is a literal and lives
/// for ever.
struct statement {
  const char* name;
  const char* sql;
};

/// One connection in pipeline mode: statements are queued and sent together, and their results
/// come back together. The socket does not block: both directions are polled, so that full
/// buffers on both sides cannot cause a deadlock.
class connection {
 public:
  /// Connects within `patience`. The error is libpq's own message, one line.
  [[nodiscard]] static expected<connection, std::string>
  open(const std::string& address, std::chrono::milliseconds patience);

  /// Queues one run of a statement. A failure is reported by `finish`.
  void queue(const statement& what, const parameters& arguments = {});
  /// Sends the queued statements and returns the result of each run, in order. If one fails,
  /// none of those after it is executed, and the caller must roll back the transaction.
  [[nodiscard]] expected<std::vector<result>, failure>
  finish(std::chrono::milliseconds patience);

  /// Runs a script of several statements without arguments and drops its rows. It leaves the
  /// pipeline mode meanwhile, so nothing may be queued.
  [[nodiscard]] expected<void, failure> run_script(const std::string& script,
                                                   std::chrono::milliseconds patience);
  /// Rolls back a failed transaction; a failure of the rollback itself shows at the next
  /// statement.
  void roll_back();

  /// True if the server sent a warning since the last call. A COMMIT with a warning succeeded,
  /// but may be lost at a failover.
  [[nodiscard]] bool take_warning();
  [[nodiscard]] bool is_lost() const;
  /// Receives the channel and the text of a NOTIFY.
  using notification_taker = std::function<void(std::string_view, std::string_view)>;
  /// Reads what has come and hands out the notifications in it; false if the connection is
  /// lost. Nothing may be queued.
  [[nodiscard]] bool take_notifications(const notification_taker& take);
  /// Returns the socket, which is readable when something has come.
  [[nodiscard]] int descriptor() const;
  /// Returns the server's version as a number, for example 150018.
  [[nodiscard]] int server_version() const;
  [[nodiscard]] const std::string& database() const { return database_; }

 private:
  struct closer {
    void operator()(pg_conn* handle) const noexcept;
  };
  explicit connection(pg_conn* handle);

  using deadline = std::chrono::steady_clock::time_point;
  /// Waits until the socket is ready; false if the deadline passed or the socket is broken.
  [[nodiscard]] bool wait(deadline until);
  /// Returns the next result, or null at the end of a statement. Returns nothing if the
  /// connection was lost or the deadline passed.
  [[nodiscard]] std::optional<pg_result*> next_result(deadline until);
  [[nodiscard]] failure lost() const;

  std::unique_ptr<pg_conn, closer> handle_;
  std::string database_;
  std::unique_ptr<bool> warned_; ///< written by the notice receiver
  std::unordered_set<std::string_view> prepared_;
  /// What was queued: the name of a statement to prepare, or null for a run.
  std::vector<const char*> queued_;
  bool broken_ = false; ///< queueing failed, or an answer did not come in time
};

} // namespace hubbub::pg
