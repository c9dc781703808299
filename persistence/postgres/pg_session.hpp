#pragma once

#include "persistence/postgres/pg_exchange.hpp"
#include "persistence/postgres/pg_open.hpp"
#include "persistence/store.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

namespace hubbub {

/// A reader's connection, opened when it is first needed. If it cannot connect, the answer is
/// `io`, and the next call tries again; a call whose connection breaks is repeated once on a
/// new one.
class pg_session {
 public:
  explicit pg_session(std::string address) : address_(std::move(address)) {}

  /// Runs the statements that `queue(exchange, answer)` adds and returns the answer that they
  /// fill.
  template <class Answer, class Queue>
  [[nodiscard]] expected<Answer, store_error> ask(const Queue& queue) {
    for (bool again = true;; again = false) {
      if (!open_ || open_->is_lost()) {
        open_.reset();
        auto opened = pg::open_session(address_, pg::role::reader, durability::full);
        if (!opened) return unexpected(store_error::io);
        open_.emplace(*std::move(opened));
        ++connections_;
      }
      Answer answer{};
      pg::exchange reads{*open_};
      queue(reads, answer);
      const auto done = reads.run(pg::answer_patience);
      if (done) return answer;
      if (!done.error().connection_lost) open_->roll_back();
      if (!done.error().connection_lost || !again)
        return unexpected(pg::error_of(done.error()));
    }
  }

  /// Returns how many connections there have been. With each new one the server behind the
  /// address may be another.
  [[nodiscard]] std::uint64_t connections() const { return connections_; }

 private:
  std::string address_;
  std::optional<pg::connection> open_;
  std::uint64_t connections_ = 0;
};

/// Makes all statements up to `end_snapshot` see one moment.
inline constexpr pg::statement begin_snapshot{
    "begin_snapshot", "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"};
inline constexpr pg::statement end_snapshot{"end_snapshot", "COMMIT"};

} // namespace hubbub
