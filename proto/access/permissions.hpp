#pragma once

#include "proto/access/access.hpp"
#include "proto/access/standing.hpp"
#include "proto/error.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Decides who may do what; no other code does. Sessions, rooms, the HTTP API and the store's
/// lists and searches ask here and decide nothing themselves. The functions are pure: the
/// client is given as an `access`, the room as a `room_standing`.
namespace hubbub::permissions {

/// The facts about a room on which permissions depend, as seen by the client that asks.
struct room_standing {
  std::string_view name;
  bool is_private = false;
  /// Standing of the user who asks, or in whose name the request is made.
  user_standing mine = {};
  /// True if nobody may be in the room or say anything, whoever it is.
  bool is_closed = false;
};

/// The answer of each question here. Without a value the action is allowed; otherwise the error
/// is `forbidden`, or `not_found` where the client may not even learn that the room exists.
using verdict = std::optional<error>;

/// True if the client sees every room, private or not: an admin, or an API key, which could
/// speak as any member anyway.
[[nodiscard]] bool oversees(const access& who);
/// Checks a room's name before the room is looked up, so that names which a token excludes are
/// neither looked up nor created.
[[nodiscard]] verdict may_name(const access& who, std::string_view room_name);
/// Checks whether a new room may be created, also by a join or a post that names an unknown
/// room.
[[nodiscard]] verdict may_create_room(const access& who, std::string_view room_name);
/// Checks whether the client may make a room private or give it an owner; both need proven
/// names.
[[nodiscard]] verdict may_own_rooms(const access& who);
/// Returns the owner of a new room whose creator names none.
[[nodiscard]] std::optional<std::string> owner_of_new_room(const access& who);
/// Checks whether anything new may happen in the room, whoever does it.
[[nodiscard]] verdict may_use(const room_standing& room);
/// Checks whether the client may join, or return after a lost connection.
[[nodiscard]] verdict may_join(const access& who, const room_standing& room);
/// Checks whether the client may leave a room that it has not joined; that is no error where it
/// may know the room.
[[nodiscard]] verdict may_leave(const access& who, const room_standing& room);
/// Checks whether the client may read history, members and the room's record, and search.
[[nodiscard]] verdict may_read(const access& who, const room_standing& room);
/// Returns the names, or patterns of names, of the rooms that lists and searches over all rooms
/// may show; without a value, all rooms. Together with `oversees` and the room's own lists this
/// gives the same answer for every room as `may_read`.
[[nodiscard]] std::optional<std::vector<std::string>> shown_rooms(const access& who);
[[nodiscard]] verdict may_mark_read(const access& who, const room_standing& room);
[[nodiscard]] verdict may_send(const access& who, const room_standing& room);
/// Checks whether the client may be told again of a message that it sent before. It needs no
/// right to send for that: the message is stored, and it may read it.
[[nodiscard]] verdict may_repeat(const access& who, const room_standing& room);
[[nodiscard]] verdict may_type(const access& who, const room_standing& room);
/// Checks whether the client may edit and delete its own messages; the store knows who wrote a
/// message. Unproven names may do so only where `open_edit` allows it.
[[nodiscard]] verdict may_edit(const access& who, const room_standing& room, bool open_edit);
/// Checks whether the client may administer the room and its users, as its owner and admins
/// may.
[[nodiscard]] verdict may_administer(const access& who, const room_standing& room);
/// Checks whether the client may watch the whole server and steer it.
[[nodiscard]] verdict may_operate(const access& who);
/// Checks whether the client may act as this user, whom a request over HTTP may name.
[[nodiscard]] verdict may_act_as(const access& who, std::string_view user_id);

} // namespace hubbub::permissions
