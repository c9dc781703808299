#pragma once

#include "actors/interfaces.hpp"

#include <optional>
#include <unordered_map>
#include <vector>

namespace hubbub {

/// An event of a room's log, as members were told it.
struct logged_event {
  frame_ptr what;
  room_position after; ///< where those who heard it stand
  sequence about;      ///< the message
};

/// A recovered session on its way into a room.
struct returning_session {
  room_return request;
  room_position asked_at;              ///< where the room stood when the log was asked for
  std::vector<logged_event> meanwhile; ///< what the room has told since
  bool too_much = false;               ///< not all of that was kept
};

/// The recovered sessions whose log a room has asked for. They hear nothing yet, so what the
/// room tells meanwhile is kept for them: not more than a return may bring, past which a
/// session is told of a gap.
class returning_sessions {
 public:
  /// Begins a return, at the room's place. A return of the same session must not be under way.
  void begin(room_return request, const room_position& asked_at);
  /// Returns whose session it is; null if it is not on its way, or was turned away.
  [[nodiscard]] user_ptr find(session_id session) const;
  /// Ends the return; nothing if the session is not on its way.
  std::optional<returning_session> take(session_id session);
  /// Keeps what the members are being told for all who are on their way.
  void note(const logged_event& event);

  /// Returns the sessions whose user makes `holds` true.
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
