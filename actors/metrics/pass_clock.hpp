#pragma once

#include <chrono>
#include <memory>

namespace hubbub {

/// Notes what an io thread has passed to its connections in this pass, so that it can tell at
/// the end how long that took. Its relay writes to it, and the thread reads it.
struct pass_clock {
  using time_point = std::chrono::steady_clock::time_point;

  /// Says that an event of which the server heard at `since` goes to connections.
  void note(time_point since) {
    if (since != time_point{} && (oldest == time_point{} || since < oldest)) oldest = since;
  }

  time_point oldest{}; ///< the earliest of this pass; the epoch if there was none
};
using pass_clock_ptr = std::shared_ptr<pass_clock>;

} // namespace hubbub
