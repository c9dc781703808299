#pragma once

#include "persistence/postgres/pg_exchange.hpp"
#include "proto/ids.hpp"

#include <chrono>
#include <cstdint>
#include <cstdlib>

/// PostgreSQL's clock in milliseconds, as an SQL expression.
#define HUBBUB_PG_CLOCK "(extract(epoch FROM clock_timestamp()) * 1000)::bigint"

namespace hubbub {

/// Follows PostgreSQL's clock, by which nodes store times and judge what has expired, since
/// their own clocks may differ. A server that is alone goes by its own.
class pg_clock {
 public:
  explicit pg_clock(bool shared) : shared_(shared) {}

  /// Returns the time on PostgreSQL's clock, which is `own` on this node's.
  [[nodiscard]] timestamp begin(timestamp own) {
    if (!shared_) return own;
    const auto at = steady::now();
    // The node's clock may have been set since.
    const auto passed = std::chrono::duration_cast<milliseconds>(at - begun_);
    const auto set_by = own.value - own_.value - passed.count();
    if (is_known_ && std::abs(set_by) > longest_trip.count()) ahead_ms_ -= set_by;
    own_ = own;
    begun_ = at;
    const timestamp now{own.value + ahead_ms_};
    // No node should seem to be set back each time that its clock is compared once more.
    if (now > last_ || last_.value - now.value > longest_trip.count()) last_ = now;
    return last_;
  }
  /// Returns what takes PostgreSQL's time from the answer to a statement that is sent now; it
  /// is the first column.
  [[nodiscard]] pg::exchange::taker asked() {
    if (!shared_) return {};
    return [this, sent = steady::now()](const pg::result& rows) {
      if (!rows.empty()) compare(rows.integer(0, 0), sent, steady::now());
    };
  }

 private:
  using steady = std::chrono::steady_clock;
  using milliseconds = std::chrono::milliseconds;

  /// The clock was read at some moment of the round trip: how much the two clocks differ is
  /// known up to half of its length. A longer trip teaches nothing new.
  void compare(std::int64_t now_ms, steady::time_point sent, steady::time_point received) {
    const auto trip = std::chrono::duration_cast<milliseconds>(received - sent);
    if (is_known_ && trip > longest_trip) return;
    const auto middle = std::chrono::duration_cast<milliseconds>(sent + trip / 2 - begun_);
    const auto ahead_ms = now_ms - (own_.value + middle.count());
    const auto slack_ms = trip.count() / 2 + 2;
    if (!is_known_ || std::abs(ahead_ms - ahead_ms_) > slack_ms) ahead_ms_ = ahead_ms;
    is_known_ = true;
  }

  static constexpr milliseconds longest_trip{1'000};

  bool shared_;
  bool is_known_ = false;
  timestamp own_;
  steady::time_point begun_; ///< when it was `own_`
  timestamp last_;
  std::int64_t ahead_ms_ = 0; ///< of the node's clock
};

/// Reads PostgreSQL's clock.
inline constexpr pg::statement read_clock{"read_clock", "SELECT " HUBBUB_PG_CLOCK};

} // namespace hubbub
