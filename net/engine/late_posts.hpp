#pragma once

#include "proto/engine/engine_session.hpp"

#include <chrono>
#include <cstddef>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>

namespace hubbub {

/// Sessions by polling that the server ended and whose clients are to come back. What such a
/// client still posts is answered as if it had been heard, and its next poll tells it of the
/// end: python-socketio takes a POST that is refused for the end of everything, says nothing to
/// its user and never comes back. Nothing is lost by it that the end did not lose already.
class late_posts {
 public:
  void expect(std::string sid, steady_time now);
  /// True if a POST for this session may still come.
  [[nodiscard]] bool expects(std::string_view sid, steady_time now);

 private:
  // A client that slept, or was stopped, posts before it polls when it wakes.
  static constexpr std::chrono::minutes memory{10};
  // Of more sessions the first that ended are forgotten.
  static constexpr std::size_t most = 10'000;

  struct ended_session {
    std::string sid;
    steady_time until;
  };
  void forget_first();

  std::deque<ended_session> ended_; ///< in the order in which they are forgotten
  std::unordered_map<std::string_view, steady_time> until_; ///< by the sids in `ended_`
};

} // namespace hubbub
