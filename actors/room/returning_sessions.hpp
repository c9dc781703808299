#pragma once

#include "actors/interfaces.hpp"

#include <optional>
#include <unordered_map>
#include <vector>

namespace hubbub {

/// An event of a room's log, as it was sent to members.
struct logged_event {
  frame_ptr what;
  room_position after; ///< the position of its receivers in the log
  sequence about;      ///< the message that it is about
};

/// A recovered session that is returning to a room.
struct returning_session {
  room_return request;
  room_position asked_at;              ///< the room's position when the log was requested
  std::vector<logged_event> meanwhile; ///< events of the room since then
  bool too_much = false;               ///< not all of them were kept
};

/// The recovered sessions whose log a room has requested. They receive nothing yet, so the
/// room's events are kept for them meanwhile. If they are more than a return may bring, the
/// session is told of a gap.
class returning_sessions {
 public:
  /// Begins a return at the room's position. No return of the same session may be under way.
  void begin(room_return request, const room_position& asked_at);
  /// Returns the request of a returning session; null if it is not returning, or was turned
  /// away.
  [[nodiscard]] user_ptr find(session_id session) const;
  /// Ends the return and returns it; nothing if the session is not returning.
  std::optional<returning_session> take(session_id session);
  /// Keeps an event that the members are sent, for all returning sessions.
  void note(const logged_event& event);
  /// Notes that the members were not told of everything.
  void note_gap();

  /// Returns the sessions for whose user `holds` is true.
  template <class Predicate>
  [[nodiscard]] std::vector<session_id> sessions_if(const Predicate& holds) const {
    std::vector<session_id> found;
    for (const auto& [session, each] : sessions_)
      if (holds(*each.request.who)) found.push_back(session);
    return found;
  }
  void clear() { sessions_.clear(); }

 private:
  std::unordered_map<session_id, returning_session> sessions_;
};

} // namespace hubbub
