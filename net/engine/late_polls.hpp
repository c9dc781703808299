#pragma once

#include "proto/engine/engine_session.hpp"

#include <chrono>
#include <cstddef>
#include <deque>
#include <string>
#include <string_view>

namespace hubbub {

/// Polls that may still come for sessions that their clients closed. A client may close while
/// its poll is under way on another connection, and the close may arrive first. That poll is
/// not an error and is answered as if it had been waiting; only one for each session, and only
/// soon after.
class late_polls {
 public:
  void expect(std::string sid, steady_time now);
  /// True if this poll was expected.
  [[nodiscard]] bool take(std::string_view sid, steady_time now);

 private:
  static constexpr std::chrono::milliseconds memory{500};
  // If more clients close at once, the first ones are forgotten: their poll is told that the
  // session is unknown, which is true.
  static constexpr std::size_t most = 1'000;

  struct expected_poll {
    std::string sid;
    steady_time until;
  };
  void forget(steady_time now);

  std::deque<expected_poll> expected_; ///< in the order in which they are forgotten
};

} // namespace hubbub
