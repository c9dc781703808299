#pragma once

#include "persistence/postgres/pg_parameters.hpp"
#include "persistence/store.hpp"
#include "proto/expected.hpp"

#include <chrono>
#include <cstdint>
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

/// Why a statement, and with it its transaction, came to nothing.
struct failure {
  /// The connection is gone: what was sent last may have been done.
  bool connection_lost = false;
  std::string sqlstate = {}; ///< five characters, empty where the server said nothing
  std::string message = {};  ///< the server's or libpq's own words, one line
};

/// `full` where the disk or the quota is full, `corrupt` for damage, `io` for everything else.
[[nodiscard]] store_error error_of(const failure& why);
/// True where the same transaction may succeed at the next attempt: deadlocks and the like.
[[nodiscard]] bool is_worth_a_repeat(const failure& why);

/// The rows of one statement, in binary form.
class result {
 public:
  explicit result(pg_result* rows);

  [[nodiscard]] int size() const;
  [[nodiscard]] bool empty() const { return size() == 0; }
  /// How many rows a statement without rows of its own changed.
  [[nodiscard]] std::int64_t changes() const;

  [[nodiscard]] bool is_null(int row, int column) const;
  [[nodiscard]] std::int64_t integer(int row, int column) const;
  [[nodiscard]] bool boolean(int row, int column) const;
  [[nodiscard]] std::string text(int row, int column) const;
  /// Copies bytes; false unless there are just so many.
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

/// A statement that each connection prepares when it first runs it. A literal, alive for ever.
struct statement {
  const char* name;
  const char* sql;
};

/// One connection in pipeline mode: statements are queued, go out together, and their results
/// come back together. The socket does not block: both directions are polled, so that full
/// buffers on both sides cannot stop each other.
class connection {
 public:
  /// Connects within `patience`. The error is libpq's own words, one line.
  [[nodiscard]] static expected<connection, std::string>
  open(const std::string& address, std::chrono::milliseconds patience);

  /// Queues one run of a statement. What fails shows in `finish`.
  void queue(const statement& what, const parameters& arguments = {});
  /// Sends what is queued and returns the result of each run, in order. Where one fails none of
  /// those behind it is done, and the transaction they are in is to be rolled back.
  [[nodiscard]] expected<std::vector<result>, failure>
  finish(std::chrono::milliseconds patience);

  /// Runs a script of several statements without arguments, whose rows are of no interest. It
  /// leaves the pipeline mode meanwhile: nothing may be queued.
  [[nodiscard]] expected<void, failure> run_script(const std::string& script,
                                                   std::chrono::milliseconds patience);
  /// Ends the transaction that failed; whatever goes wrong shows at the next statement.
  void roll_back();

  /// The server said a warning since this was last asked: a COMMIT with one may be lost at a
  /// failover although it is a success.
  [[nodiscard]] bool take_warning();
  [[nodiscard]] bool is_lost() const;
  /// For example 150018.
  [[nodiscard]] int server_version() const;
  [[nodiscard]] const std::string& database() const { return database_; }

 private:
  struct closer {
    void operator()(pg_conn* handle) const noexcept;
  };
  explicit connection(pg_conn* handle);

  using deadline = std::chrono::steady_clock::time_point;
  /// Waits until the socket has something; false at the deadline or where it is broken.
  [[nodiscard]] bool wait(deadline until);
  /// The next result that is there, or null at the end of a statement; none: lost or too late.
  [[nodiscard]] std::optional<pg_result*> next_result(deadline until);
  [[nodiscard]] failure lost() const;

  std::unique_ptr<pg_conn, closer> handle_;
  std::string database_;
  std::unique_ptr<bool> warned_; ///< where the notice receiver writes
  std::unordered_set<std::string_view> prepared_;
  /// What was queued: the name of what is prepared, or null for a run.
  std::vector<const char*> queued_;
  bool broken_ = false; ///< queueing failed, or an answer did not come in time
};

} // namespace hubbub::pg
