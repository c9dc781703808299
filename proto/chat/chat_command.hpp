#pragma once

#include "proto/chat/history_query.hpp"
#include "proto/chat/moderation_command.hpp"
#include "proto/error.hpp"
#include "proto/expected.hpp"
#include "proto/json/json.hpp"
#include "proto/limits.hpp"
#include "proto/model.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace hubbub {

namespace command {

/// A client's `join_room`. The structs here are the chat's client events (docs/api.md,
/// "Events"), checked: names and content are cleaned, numbers are in range, defaults are filled
/// in. They are a closed set: a new event does not compile until every visitor handles it
/// and, if it is for a room, until it says what a room does with it:
/// - `is_write`: it goes to the writer, in order, and need not wait for writes before it;
/// - `is_read`: it may ask a reader, so that it waits for the log to be read.
struct join_room {
  static constexpr bool is_write = false;
  static constexpr bool is_read = true;
  room_ref room;
  /// The result of `parse_username` for the payload. The error is kept, since a socket that
  /// already has a name ignores the field, however wrong it is.
  expected<std::optional<std::string>, error> username;
  std::int64_t history = default_history;
  std::optional<sequence> since;
};
struct leave_room {
  static constexpr bool is_write = false;
  static constexpr bool is_read = false;
  room_ref room;
};
struct send_message {
  static constexpr bool is_write = true;
  static constexpr bool is_read = false;
  room_ref room;
  std::string content;
  std::optional<std::string> client_id;
};
/// A client's `edit_message`.
struct edit_message {
  static constexpr bool is_write = true;
  static constexpr bool is_read = false;
  room_ref room;
  sequence seq;
  std::string content;
};
/// A client's `delete_message`.
struct delete_message {
  static constexpr bool is_write = true;
  static constexpr bool is_read = false;
  room_ref room;
  sequence seq;
};
/// A client's `mark_read`.
struct mark_read {
  static constexpr bool is_write = true;
  static constexpr bool is_read = false;
  room_ref room;
  sequence seq;
};
struct set_typing {
  static constexpr bool is_write = false;
  static constexpr bool is_read = false;
  room_ref room;
  bool is_typing = false;
};
struct get_messages {
  static constexpr bool is_write = false;
  static constexpr bool is_read = true;
  room_ref room;
  history_query page;
};
struct search_messages {
  static constexpr bool is_write = false;
  static constexpr bool is_read = false;
  room_ref room;
  search_terms terms;
};
struct get_members {
  static constexpr bool is_write = false;
  static constexpr bool is_read = false;
  room_ref room;
  std::optional<std::string> after; ///< the user_id after which the page begins
  std::int64_t limit = default_member_page;
};
/// A client's `refresh_token`. It is for the client's own session, not for a room.
struct refresh_token {
  std::optional<std::string> token; ///< not checked; nothing if it is missing or no string
};

} // namespace command

/// The commands that a room carries out.
using room_command =
    std::variant<command::join_room, command::leave_room, command::send_message,
                 command::edit_message, command::delete_message, command::mark_read,
                 command::set_typing, command::get_messages, command::search_messages,
                 command::get_members, command::configure_room, command::put_standing,
                 command::lift_standing, command::kick_user, command::get_standings>;

/// Everything that a client may send: a command for a room, or one for its own session.
using chat_command = std::variant<room_command, command::refresh_token>;

/// True if the command goes to the writer, in order, without waiting for writes before it.
[[nodiscard]] constexpr bool is_write(const room_command& command) {
  return std::visit([]<class Command>(const Command&) { return Command::is_write; }, command);
}
/// True if the command may ask a reader.
[[nodiscard]] constexpr bool is_read(const room_command& command) {
  return std::visit([]<class Command>(const Command&) { return Command::is_read; }, command);
}

/// Parses one client event. `payload` is the event's first argument, absent if it had none.
/// Both spellings of every event and field are known, unknown fields are ignored, and an
/// optional field that is `null` is absent. A `client_id` is kept as sent, untrimmed: valid
/// UTF-8 without control characters. Errors: `unknown_event`, `bad_request`, `too_large`.
[[nodiscard]] expected<chat_command, error>
parse_command(std::string_view event, json::value payload, const chat_limits& limits);

/// Parses the room that a payload names by `room` (string: name, number: id) or `room_id`
/// (number, or digits in a string); with `bare`, also by being a string or number itself. If
/// both fields are present, `room` wins. A name is cleaned, a number must be above 0; anything
/// else is `bad_request`.
[[nodiscard]] expected<room_ref, error> parse_room(json::value payload,
                                                   const chat_limits& limits, bool bare);

/// Parses the `username` of a handshake's auth object or of a join, and cleans it. Returns
/// nothing if it is missing or `null`. Anything else that is not a name is `bad_request`.
[[nodiscard]] expected<std::optional<std::string>, error>
parse_username(json::value object, const chat_limits& limits);

} // namespace hubbub
