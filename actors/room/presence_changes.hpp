#pragma once

#include "proto/chat/chat_event.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace hubbub {

/// The joins and leaves that a large room has yet to tell its members, so that many are told in
/// one event. A user who came and went, or went and came, is told only if somebody was shown
/// the members in between. Used by one room; it reads no clock.
class presence_changes {
 public:
  using time_point = std::chrono::steady_clock::time_point;
  /// The changed users by `user_id`, as one event names them.
  struct news {
    std::vector<presence_user> joined;
    std::vector<presence_user> left;
  };

  /// Notes that a user came or went. `due` is when that has to be told; an earlier time stays.
  void note(const presence_user& who, bool joined, time_point due);
  /// Notes that somebody is being shown the members, and so knows of the changes until now.
  void note_listing() { ++listings_; }
  /// Removes all changes and returns them, to be told now.
  [[nodiscard]] news take();

  /// Returns how many users have changed.
  [[nodiscard]] std::size_t size() const { return changes_.size(); }
  [[nodiscard]] bool empty() const { return changes_.empty(); }
  /// Returns when the changes have to be told; nothing if none was noted since the last time.
  [[nodiscard]] std::optional<time_point> due() const { return due_; }

 private:
  struct user_change {
    std::string username;
    bool joined = false; ///< the user is in the room now
    /// Whether the members were last told that the user is in the room.
    bool was_here = false;
    std::uint64_t listings = 0; ///< number of listings at the latest change
    bool was_shown = false;     ///< a listing showed the opposite of `was_here`
  };
  std::map<std::string, user_change> changes_; ///< by user_id
  std::uint64_t listings_ = 0;
  std::optional<time_point> due_;
};

} // namespace hubbub
