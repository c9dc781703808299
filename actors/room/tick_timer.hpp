#pragma once

#include <chrono>
#include <optional>

namespace hubbub {

/// The one tick that a room has under way for all that it waits for. A nearer tick replaces a
/// later one, whose message still comes and means nothing then.
class tick_timer {
 public:
  using time_point = std::chrono::steady_clock::time_point;

  /// True if a tick has to be sent for `when`: none comes by then.
  [[nodiscard]] bool set(time_point when) {
    if (next_ && *next_ <= when) return false;
    next_ = when;
    return true;
  }
  /// Takes a tick that has come. False if it is early: a nearer one replaced it.
  [[nodiscard]] bool take(time_point now) {
    if (!next_ || now < *next_) return false;
    next_.reset();
    return true;
  }

 private:
  std::optional<time_point> next_;
};

} // namespace hubbub
