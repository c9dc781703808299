#pragma once

#include "actors/room/room_core.hpp"
#include "actors/room/room_presence.hpp"
#include "actors/room/room_storage.hpp"
#include "proto/chat/moderation_event.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace hubbub {

/// Lets sessions into a room and out of it, and tells the members, the sessions and the
/// directory. If users lose the room, for whatever reason, sessions in the room are ejected,
/// and returning sessions are turned away. The store makes sure that they do not get it back
/// later (`is_member`): the op that takes the room away ends their memberships.
class room_membership {
 public:
  room_membership(room_core& core, room_storage& storage, room_presence& presence)
      : core_(core), storage_(storage), presence_(presence) {}

  /// Adds a session. Returns true if it is the user's first one.
  [[nodiscard]] bool add(session_id session, const user_ptr& who);
  /// Removes a session, if it is in the room, and tells it so. With `answers` that answers a
  /// request.
  void remove(session_id session, leave_reason reason, frame_ptr answer, bool answers);
  /// Removes a session whose connection was closed since the server stops. The members are not
  /// told, as the client comes back.
  void drop(session_id session);
  /// Begins or ends the events of a session that is no member.
  void observe(const room_observation& wanted);
  /// Tells a session that has just come in that its user is muted, if that is so.
  void tell_mute(session_id session, const user& who);
  /// Tells a session that it will not get what it missed from here on.
  void tell_gap(session_id session, const user& who, sequence from);

  /// Removes all of a user's sessions and tells them so. Returns how many there were.
  std::int64_t eject(const std::string& user_id, const kick_notice& why);
  /// Removes the sessions that may not be here any more. Some of a user's sessions may stay:
  /// each has a token of its own.
  void eject_strangers(const kick_notice& why);
  /// Removes all sessions, since the room is closed. None of them hears of the others.
  void eject_all(const std::string& by);
  /// Tells a recovered session, which has this room among its own, that it is not in it.
  void turn_away(session_id session, const user& who, const kick_notice& why);
  /// Does so with what is known of why.
  void turn_away(session_id session, const user& who);
  /// Takes who has come to the room on other nodes, and who has left it there.
  void hear(const members_elsewhere& news);
  /// Continues a session with the rights of its new token.
  void renew(const room_renewal& renewal);

 private:
  [[nodiscard]] std::vector<session_id> losing(const std::function<bool(const user&)>& loses);
  void eject(const std::vector<session_id>& sessions, const kick_notice& why);
  [[nodiscard]] user_ptr take_out(session_id session, leave_reason reason, frame_ptr answer,
                                  bool answers);
  void tell_left(const user& who, leave_reason reason);
  void turn_away(const std::vector<session_id>& returning, const kick_notice& why);
  void tell_directory();
  void tell_host(notice_kind what, const user& who, std::string_view why);
  void tell_others(const user& who, leave_reason reason);

  room_core& core_;
  room_storage& storage_;
  room_presence& presence_;
};

} // namespace hubbub
