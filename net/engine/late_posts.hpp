#pragma once

#include "proto/engine/engine_session.hpp"

#include <chrono>
#include <cstddef>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>

namespace hubbub {

/// Polling sessions that the server ended and whose clients should come back. What such a
/// client still posts is answered as if it had been processed, and its next poll tells it of
/// the end. That is for python-socketio, which takes a refused POST for the end of everything,
/// does not tell its user and never comes back. The answer loses nothing that the end had not
/// lost already.
class late_posts {
 public:
  void expect(std::string sid, steady_time now);
  /// True if a POST for this session may still come.
  [[nodiscard]] bool expects(std::string_view sid, steady_time now);

 private:
  // A client that slept, or was suspended, posts before it polls when it wakes.
  static constexpr std::chrono::minutes memory{10};
  // If there are more sessions, those that ended first are forgotten.
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
