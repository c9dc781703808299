#include "proto/policy.hpp"

#include "proto/name_pattern.hpp"

#include <algorithm>

namespace hubbub::policy {
namespace {

verdict forbidden(std::string_view why) {
  return error{error_code::forbidden, std::string{why}};
}

bool names(const access& who, std::string_view room_name) {
  return !who.rooms || std::ranges::any_of(*who.rooms, [&](const std::string& pattern) {
    return matches_pattern(pattern, room_name);
  });
}

/// What holds for every room and every deed.
verdict needs(const access& who, access_scope scope, const room_standing& room) {
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

verdict may_name(const access& who, std::string_view room_name) {
  if (names(who, room_name)) return std::nullopt;
  return forbidden("this room is none of those you have access to");
}

verdict may_create_room(const access& who, std::string_view room_name) {
  return needs(who, access_scope::write, {room_name});
}

verdict may_join(const access& who, const room_standing& room) {
  return needs(who, access_scope::read, room);
}

verdict may_read(const access& who, const room_standing& room) {
  return needs(who, access_scope::read, room);
}

bool may_see(const access& who, const room_standing& room) {
  return !may_read(who, room);
}

verdict may_mark_read(const access& who, const room_standing& room) {
  return needs(who, access_scope::read, room);
}

verdict may_send(const access& who, const room_standing& room) {
  return needs(who, access_scope::write, room);
}

verdict may_type(const access& who, const room_standing& room) {
  return needs(who, access_scope::write, room);
}

verdict may_edit(const access& who, const room_standing& room, bool open_edit) {
  if (auto why = needs(who, access_scope::write, room)) return why;
  if (who.proven || open_edit) return std::nullopt;
  return forbidden("names are unproven here, so nobody may edit or delete");
}

verdict may_administer(const access& who, const room_standing& room) {
  if (!who.proven) return forbidden("names are unproven here, so nobody may do this");
  return needs(who, access_scope::admin, room);
}

verdict may_act_as(const access& who, std::string_view user_id) {
  if (!who.proven || who.any_user || who.user_id == user_id) return std::nullopt;
  return forbidden("you may only act as yourself");
}

} // namespace hubbub::policy
