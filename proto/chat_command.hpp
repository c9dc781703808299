#pragma once

#include "proto/error.hpp"
#include "proto/expected.hpp"
#include "proto/json.hpp"
#include "proto/limits.hpp"
#include "proto/model.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace hubbub {

/// The chat's client events (docs/api.md, "Events"), checked: names and content are cleaned,
/// numbers in range, defaults filled in. A closed set: a new event does not compile until every
/// visitor handles it.
struct join_room {
  room_ref room;
  std::optional<std::string> username; ///< as sent, not cleaned: ignored once the socket has a name
  std::int64_t history = default_history;
  std::optional<sequence> since;
};
struct leave_room {
  room_ref room;
};
struct send_message {
  room_ref room;
  std::string content;
  std::optional<std::string> client_id;
};
struct set_typing {
  room_ref room;
  bool is_typing = false;
};
struct get_messages {
  room_ref room;
  std::optional<sequence> before;
  std::optional<sequence> after;
  std::int64_t limit = default_page;
};
struct get_members {
  room_ref room;
  std::optional<std::string> after; ///< a user_id
  std::int64_t limit = default_member_page;
};
using chat_command =
    std::variant<join_room, leave_room, send_message, set_typing, get_messages, get_members>;

/// Reads one client event. `payload` is the event's first argument, absent if it had none. Both
/// spellings of every event and field are known. Errors: `unknown_event`, `bad_request`,
/// `too_large`.
[[nodiscard]] expected<chat_command, error> parse_command(std::string_view event,
                                                          json::value payload,
                                                          const chat_limits& limits);

/// The room a payload names by `room` (string: name, number: id) or `room_id` (number, or digits
/// in a string); with `bare`, also by being a string or number itself.
[[nodiscard]] expected<room_ref, error> parse_room(json::value payload, const chat_limits& limits,
                                                   bool bare);

/// The `username` of a handshake's auth object or a join. Empty result: none was given. What is
/// there but is not a name is `bad_request`.
[[nodiscard]] expected<std::optional<std::string>, error> parse_username(json::value object,
                                                                         const chat_limits& limits);

} // namespace hubbub
