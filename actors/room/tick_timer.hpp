#pragma once

#include <chrono>
#include <optional>

namespace hubbub {

/// The one tick of a room that is under way, for everything that waits for a time. An earlier
/// tick replaces a later one, whose message still comes and is ignored then.
class tick_timer {
 public:
  using time_point = std::chrono::steady_clock::time_point;

  /// Sets a time; returns true if a tick has to be sent for `when`, since none comes by then.
  [[nodiscard]] bool set(time_point when) {
    if (next_ && *next_ <= when) return false;
    next_ = when;
    return true;
  }
  /// Takes a tick that has come. Returns false if it was replaced by an earlier one.
  [[nodiscard]] bool take(time_point now) {
    if (!next_ || now < *next_) return false;
    next_.reset();
    return true;
  }

 private:
  std::optional<time_point> next_;
};

} // namespace hubbub
