#pragma once

#include "proto/ids.hpp"

#include <cstddef>
#include <set>
#include <vector>

namespace hubbub {

/// Recoverable sessions that are not in a room, although the store may have them there. The
/// store is told again and again until it knows.
class left_sessions {
 public:
  /// Number of sessions that the store has yet to forget, from which on no recoverable session
  /// may enter.
  static constexpr std::size_t max = 1'000;

  /// Notes a session that the store has to forget.
  void add(recovery_id session) { sessions_.insert(session); }
  /// Notes that a session enters the room again.
  void drop(recovery_id session) { sessions_.erase(session); }
  /// Notes that the store is being told of a session.
  void begin_telling() { ++telling_; }
  /// Notes the result of telling the store.
  void end_telling(recovery_id session, bool is_stored) {
    --telling_;
    if (is_stored) sessions_.erase(session);
  }

  [[nodiscard]] bool contains(recovery_id session) const { return sessions_.contains(session); }
  [[nodiscard]] bool empty() const { return sessions_.empty(); }
  [[nodiscard]] bool is_full() const { return sessions_.size() >= max; }
  /// Returns the sessions of which the store has to be told again; none while it is being told.
  [[nodiscard]] std::vector<recovery_id> to_tell() const {
    if (telling_ > 0) return {};
    return {sessions_.begin(), sessions_.end()};
  }

 private:
  std::set<recovery_id> sessions_;
  std::size_t telling_ = 0; ///< on their way to the store
};

} // namespace hubbub
