#pragma once

#include "proto/access/standing.hpp"
#include "proto/error.hpp"
#include "proto/expected.hpp"
#include "proto/json/json.hpp"
#include "proto/limits.hpp"
#include "proto/model.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace hubbub {

// What the owner of a room and admins may ask for (docs/api.md, "Moderation"), checked. It
// comes from the socket, or over HTTP, where the path names the room. `is_write` and
// `is_read` are as in chat_command.hpp: what these store holds up the session's other events.

namespace command {

/// The event `set_room`: changes the fields that are given, at least one.
struct configure_room {
  static constexpr bool is_write = false;
  static constexpr bool is_read = false;
  room_ref room;
  std::optional<bool> is_private;
  std::optional<std::string> owner; ///< the new owner's user_id
  std::optional<bool> is_closed = std::nullopt;
};
/// The events `add_member`, `ban_user` and `mute_user`.
struct put_standing {
  static constexpr bool is_write = false;
  static constexpr bool is_read = false;
  room_ref room;
  standing_kind kind = standing_kind::member;
  std::string user_id;
  std::optional<timestamp> until;
  std::string reason; ///< empty: no reason was given
};
/// The events `remove_member`, `unban_user` and `unmute_user`.
struct lift_standing {
  static constexpr bool is_write = false;
  static constexpr bool is_read = false;
  room_ref room;
  standing_kind kind = standing_kind::member;
  std::string user_id;
};
struct kick_user {
  static constexpr bool is_write = false;
  static constexpr bool is_read = false;
  room_ref room;
  std::string user_id;
  std::string reason;
};
struct get_standings {
  static constexpr bool is_write = false;
  static constexpr bool is_read = false;
  room_ref room;
  standing_kind kind = standing_kind::member;
  std::optional<std::string> after; ///< the user_id after which the page begins
  std::int64_t limit = default_standing_page;
};

} // namespace command

using room_moderation =
    std::variant<command::configure_room, command::put_standing, command::lift_standing,
                 command::kick_user, command::get_standings>;

// Each function parses the payload of one event. A `user_id` is a name like any other.
using moderation_result = expected<room_moderation, error>;
[[nodiscard]] moderation_result read_set_room(json::value payload, const chat_limits& limits);
[[nodiscard]] moderation_result read_put_standing(standing_kind kind, json::value payload,
                                                  const chat_limits& limits);
[[nodiscard]] moderation_result read_lift_standing(standing_kind kind, json::value payload,
                                                   const chat_limits& limits);
[[nodiscard]] moderation_result read_kick_user(json::value payload, const chat_limits& limits);
[[nodiscard]] moderation_result read_get_standings(json::value payload,
                                                   const chat_limits& limits);

class object_reader;
/// Reads the fields of `set_room`, except for the room.
void read_configuration(object_reader& read, command::configure_room& command);
void read_terms(object_reader& read, command::put_standing& command);

} // namespace hubbub
