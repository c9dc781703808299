#pragma once

#include "proto/access/access.hpp"
#include "proto/access/standing.hpp"
#include "proto/error.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Who may do what: the one place that knows. Sessions, rooms, the HTTP API and the store's
/// lists and searches ask here and decide nothing themselves. Pure: who asks is an `access`,
/// the room a `room_standing`.
namespace hubbub::policy {

/// What the policy looks at in a room, as it stands to the one who asks.
struct room_standing {
  std::string_view name;
  bool is_private = false;
  user_standing mine = {}; ///< of the user who asks, or in whose name it is asked
};

/// None: it is allowed. `forbidden`, or `not_found` where even the room's existence is not to
/// be told.
using verdict = std::optional<error>;

/// Sees every room, private or not: an admin, or an API key, which could speak as any member.
[[nodiscard]] bool oversees(const access& who);
/// Before it is known whether there is such a room: is this name none of theirs? Keeps names
/// that a token excludes from being looked up or created.
[[nodiscard]] verdict may_name(const access& who, std::string_view room_name);
/// A new room, or the one that a join or a post of an unknown name makes.
[[nodiscard]] verdict may_create_room(const access& who, std::string_view room_name);
/// A room that is private, or has an owner, needs names that are proven.
[[nodiscard]] verdict may_own_rooms(const access& who);
/// Whose a room is that they create without saying more.
[[nodiscard]] std::optional<std::string> owner_of_new_room(const access& who);
/// Join, and come back after a lost connection.
[[nodiscard]] verdict may_join(const access& who, const room_standing& room);
/// Leave a room that one has not joined, which is no error where one may know of it.
[[nodiscard]] verdict may_leave(const access& who, const room_standing& room);
/// History, members, search and the room's record.
[[nodiscard]] verdict may_read(const access& who, const room_standing& room);
/// The names, or patterns of names, of the rooms that lists and searches over all rooms may
/// show; none: all. With `oversees` and the room's own lists this says of every room what
/// `may_read` does.
[[nodiscard]] std::optional<std::vector<std::string>> shown_rooms(const access& who);
[[nodiscard]] verdict may_mark_read(const access& who, const room_standing& room);
[[nodiscard]] verdict may_send(const access& who, const room_standing& room);
[[nodiscard]] verdict may_type(const access& who, const room_standing& room);
/// Edit and delete one's own messages: whose they are the store knows. Unproven names may only
/// where `open_edit` says so.
[[nodiscard]] verdict may_edit(const access& who, const room_standing& room, bool open_edit);
/// What its owner and admins do with a room and its users.
[[nodiscard]] verdict may_administer(const access& who, const room_standing& room);
/// Act as this user: over HTTP a request may name one.
[[nodiscard]] verdict may_act_as(const access& who, std::string_view user_id);

} // namespace hubbub::policy
