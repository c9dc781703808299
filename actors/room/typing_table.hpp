#pragma once

#include "proto/chat/chat_event.hpp"
#include "proto/ids.hpp"

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace hubbub {

/// The users who are typing in a room, each until a time at which typing ends by itself. Used
/// by one room; it reads no clock.
class typing_table {
 public:
  using time_point = std::chrono::steady_clock::time_point;

  /// Notes that a user types in one of their sessions until `until`. An empty session stands
  /// for one on another node, and prolongs what the user types here without taking its place.
  void start(const presence_user& who, session_id session, time_point until);
  /// Ends a user's typing; returns the user, or nothing if they were not typing.
  std::optional<presence_user> stop(const std::string& user_id);
  /// Ends a user's typing if it is in this session; returns the user if it was.
  std::optional<presence_user> stop(const std::string& user_id, session_id session);
  /// Ends the typing of those whose time has come; returns them in the order of their ids.
  std::vector<presence_user> expire(time_point now);
  /// Returns when the next one expires; nothing if nobody is typing.
  [[nodiscard]] std::optional<time_point> next() const;

 private:
  struct typist {
    std::string username;
    session_id session;
    time_point until;
  };
  std::map<std::string, typist> typists_; ///< by user_id
};

} // namespace hubbub
