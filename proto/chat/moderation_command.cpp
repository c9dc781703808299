#include "proto/chat/moderation_command.hpp"

#include "proto/chat/field_reader.hpp"
#include "proto/chat/standing_json.hpp"

#include <utility>

namespace hubbub {
namespace {

/// Reads the `kind` of `get_standings`; required.
standing_kind read_kind(object_reader& read) {
  const auto name = read.optional_text("kind").value_or("");
  if (const auto kind = parse_standing_kind(name)) return *kind;
  read.refuse(error_code::bad_request, "kind must be member, ban or mute");
  return standing_kind::member;
}

} // namespace

moderation_result read_set_room(json::value payload, const chat_limits& limits) {
  object_reader read{payload, limits};
  command::configure_room command;
  command.room = read.room(false);
  read_configuration(read, command);
  return read.finish<room_moderation>(std::move(command));
}

void read_configuration(object_reader& read, command::configure_room& command) {
  command.is_private = read.optional_boolean("private");
  command.owner = read.optional_user_id("owner");
  command.is_closed = read.optional_boolean("closed");
  if (!command.is_private && !command.owner && !command.is_closed)
    read.refuse(error_code::bad_request, "private, owner or closed is required");
}

void read_terms(object_reader& read, command::put_standing& command) {
  // Membership has no end: to take it away, the member is removed.
  if (command.kind != standing_kind::member) command.until = read.time("until");
  command.reason = read.reason();
}

moderation_result read_put_standing(standing_kind kind, json::value payload,
                                    const chat_limits& limits) {
  object_reader read{payload, limits};
  command::put_standing command;
  command.room = read.room(false);
  command.kind = kind;
  command.user_id = read.user_id("user_id");
  read_terms(read, command);
  return read.finish<room_moderation>(std::move(command));
}

moderation_result read_lift_standing(standing_kind kind, json::value payload,
                                     const chat_limits& limits) {
  object_reader read{payload, limits};
  command::lift_standing command;
  command.room = read.room(false);
  command.kind = kind;
  command.user_id = read.user_id("user_id");
  return read.finish<room_moderation>(std::move(command));
}

moderation_result read_kick_user(json::value payload, const chat_limits& limits) {
  object_reader read{payload, limits};
  command::kick_user command;
  command.room = read.room(false);
  command.user_id = read.user_id("user_id");
  command.reason = read.reason();
  return read.finish<room_moderation>(std::move(command));
}

moderation_result read_get_standings(json::value payload, const chat_limits& limits) {
  object_reader read{payload, limits};
  command::get_standings command;
  command.room = read.room(false);
  command.kind = read_kind(read);
  command.after = read.optional_text("after");
  command.limit = read.number("limit", {1, max_standing_page}, default_standing_page);
  return read.finish<room_moderation>(std::move(command));
}

} // namespace hubbub
