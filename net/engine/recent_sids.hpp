#pragma once

#include "proto/engine/engine_session.hpp"

#include <chrono>
#include <cstddef>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>

namespace hubbub {

/// Remembers for a while which sessions have ended, since requests that their clients sent
/// before they could know of the end may still arrive. Used by one io thread.
class recent_sids {
 public:
  /// Makes an empty table. Each session is remembered for `memory`, and only the `most` latest
  /// ones are.
  recent_sids(std::chrono::milliseconds memory, std::size_t most)
      : memory_(memory), most_(most) {}

  /// Remembers a session that has just ended.
  void add(std::string sid, steady_time now);
  /// Returns true if the session ended a short while ago.
  [[nodiscard]] bool contains(std::string_view sid, steady_time now) const;
  /// Returns true if the session ended a short while ago, and forgets it.
  [[nodiscard]] bool take(std::string_view sid, steady_time now);

 private:
  struct ended_session {
    std::string sid;
    steady_time until;
  };
  void forget_first();

  std::chrono::milliseconds memory_;
  std::size_t most_;
  std::deque<ended_session> ended_; ///< in the order in which they are forgotten
  std::unordered_map<std::string_view, steady_time> until_; ///< by the sids in `ended_`
};

} // namespace hubbub
