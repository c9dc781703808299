#include "proto/access/permissions.hpp"

#include "proto/access/name_pattern.hpp"

#include <algorithm>

namespace hubbub::permissions {
namespace {

verdict forbidden(std::string_view why) {
  return error{error_code::forbidden, std::string{why}};
}

bool names(const access& who, std::string_view room_name) {
  return !who.rooms || std::ranges::any_of(*who.rooms, [&](const std::string& pattern) {
    return matches_pattern(pattern, room_name);
  });
}

/// True if the client may know that the room exists; a private room is hidden from strangers.
bool knows(const access& who, const room_standing& room) {
  if (!room.is_private || oversees(who)) return true;
  return who.proven && (room.mine.owner || (room.mine.member && !room.mine.banned));
}

/// True if bans and mutes apply to this client. They apply to the user in whose name something
/// is said, but not to an admin who speaks in their own name.
bool is_bound(const access& who, const room_standing& room) {
  if (room.mine.owner && who.proven) return false;
  return !who.proven || who.any_user || who.scope < access_scope::admin;
}

verdict may_speak(const access& who, const room_standing& room) {
  if (auto why = may_use(room)) return why;
  if (!is_bound(who, room)) return std::nullopt;
  if (room.mine.banned) return forbidden("you are banned from this room");
  if (room.mine.muted) return forbidden("you are muted in this room");
  return std::nullopt;
}

/// Checks what every action in every room needs.
verdict needs(const access& who, access_scope scope, const room_standing& room) {
  if (!knows(who, room)) return error{error_code::not_found, "there is no such room"};
  if (auto why = may_name(who, room.name)) return why;
  if (who.scope >= scope) return std::nullopt;
  switch (scope) {
  case access_scope::none: break;
  case access_scope::read: return forbidden("your scope does not include reading");
  case access_scope::write: return forbidden("your scope does not include writing");
  case access_scope::admin: return forbidden("only an admin may do this");
  }
  return std::nullopt;
}

} // namespace

bool oversees(const access& who) {
  return who.proven && (who.any_user || who.scope >= access_scope::admin);
}

verdict may_name(const access& who, std::string_view room_name) {
  if (names(who, room_name)) return std::nullopt;
  return forbidden("this room is none of those you have access to");
}

verdict may_create_room(const access& who, std::string_view room_name) {
  return needs(who, access_scope::write, {room_name});
}

verdict may_own_rooms(const access& who) {
  if (who.proven) return std::nullopt;
  return forbidden("names are unproven here, so rooms are nobody's and open to all");
}

std::optional<std::string> owner_of_new_room(const access& who) {
  if (!who.proven || who.any_user) return std::nullopt;
  return who.user_id;
}

verdict may_use(const room_standing& room) {
  if (room.is_closed) return forbidden("this room is closed");
  return std::nullopt;
}

verdict may_join(const access& who, const room_standing& room) {
  if (auto why = needs(who, access_scope::read, room)) return why;
  if (room.mine.banned && is_bound(who, room))
    return forbidden("you are banned from this room");
  return may_use(room);
}

verdict may_leave(const access& who, const room_standing& room) {
  if (knows(who, room)) return std::nullopt;
  return error{error_code::not_found, "there is no such room"};
}

verdict may_read(const access& who, const room_standing& room) {
  return needs(who, access_scope::read, room);
}

std::optional<std::vector<std::string>> shown_rooms(const access& who) {
  if (who.scope < access_scope::read) return std::vector<std::string>{};
  return who.rooms;
}

verdict may_mark_read(const access& who, const room_standing& room) {
  return needs(who, access_scope::read, room);
}

verdict may_send(const access& who, const room_standing& room) {
  if (auto why = needs(who, access_scope::write, room)) return why;
  return may_speak(who, room);
}

verdict may_repeat(const access& who, const room_standing& room) {
  return may_read(who, room);
}

verdict may_type(const access& who, const room_standing& room) {
  return may_send(who, room);
}

verdict may_edit(const access& who, const room_standing& room, bool open_edit) {
  if (auto why = needs(who, access_scope::write, room)) return why;
  if (!who.proven && !open_edit)
    return forbidden("names are unproven here, so nobody may edit or delete");
  return may_speak(who, room); // an edited message could say something new
}

verdict may_administer(const access& who, const room_standing& room) {
  if (!knows(who, room)) return error{error_code::not_found, "there is no such room"};
  if (!who.proven) return forbidden("names are unproven here, so nobody may do this");
  if (auto why = needs(who, access_scope::write, room)) return why;
  if (room.mine.owner || who.any_user || who.scope >= access_scope::admin) return std::nullopt;
  return forbidden("only the owner of the room or an admin may do this");
}

verdict may_operate(const access& who) {
  if (!who.proven) return forbidden("names are unproven here, so nobody may do this");
  if (!who.any_user && who.scope < access_scope::admin)
    return forbidden("only an admin may do this");
  if (who.rooms) return forbidden("your access is to some rooms, and this is about all");
  return std::nullopt;
}

verdict may_act_as(const access& who, std::string_view user_id) {
  if (!who.proven || who.any_user || who.user_id == user_id) return std::nullopt;
  return forbidden("you may only act as yourself");
}

} // namespace hubbub::permissions
