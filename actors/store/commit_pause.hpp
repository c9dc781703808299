#pragma once

#include "actors/interfaces.hpp"

#include <chrono>
#include <cstddef>
#include <utility>

namespace hubbub {

/// Decides how long a batch gathers before it is committed. Clients that wait for an answer
/// send their next message soon after it. If half of them are answered by one commit and half
/// by the next, twice as many commits are paid for as they need. So where several operations
/// were committed together, the next batch begins a moment later
/// (`store_writer::gathering_time`). What comes after that moment, or after an operation that
/// was committed alone, does not wait.
class commit_pause {
 public:
  /// A batch of this many operations is committed at once: more would make it hardly cheaper.
  static constexpr std::size_t enough = 64;

  /// Notes that a batch of `size` was committed at `now`, after which operations should gather
  /// for `time`.
  void on_commit(std::size_t size, steady_time now, std::chrono::nanoseconds time) {
    until_ = size > 1 ? now + time : now;
  }
  /// Returns how long a batch of `size` has yet to wait; zero if it is due.
  [[nodiscard]] std::chrono::nanoseconds left(std::size_t size, steady_time now) const {
    if (size == 0 || size >= enough || now >= until_) return {};
    return until_ - now;
  }
  /// Returns true the first time until `on_timer`: then a timer must be set.
  [[nodiscard]] bool wants_timer() { return !std::exchange(timer_is_set_, true); }
  /// Call when the timer has run out, or the batch need not wait for it.
  void on_timer() { timer_is_set_ = false; }

 private:
  steady_time until_{};
  bool timer_is_set_ = false;
};

} // namespace hubbub
