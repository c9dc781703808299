#include "proto/chat/chat_command.hpp"

#include "proto/chat/field_reader.hpp"
#include "proto/chat/history_fields.hpp"

#include <array>
#include <utility>
#include <variant>

namespace hubbub {
namespace {

using result = expected<chat_command, error>;

result read_join(json::value payload, const chat_limits& limits) {
  object_reader read{payload, limits};
  command::join_room command;
  command.room = read.room(true);
  command.username = parse_username(payload, limits);
  command.history = read.number("history", {0, max_history}, default_history);
  command.since = read.seq("since");
  return read.finish<chat_command>(std::move(command));
}

result read_leave(json::value payload, const chat_limits& limits) {
  object_reader read{payload, limits};
  return read.finish<chat_command>(command::leave_room{read.room(true)});
}

result read_send(json::value payload, const chat_limits& limits) {
  object_reader read{payload, limits};
  command::send_message command;
  command.room = read.room(false);
  command.content = read.content();
  command.client_id = read.client_id();
  return read.finish<chat_command>(std::move(command));
}

result read_edit(json::value payload, const chat_limits& limits) {
  object_reader read{payload, limits};
  command::edit_message command;
  command.room = read.room(false);
  command.seq = read.required_seq("seq", 1);
  command.content = read.content();
  return read.finish<chat_command>(std::move(command));
}

result read_delete(json::value payload, const chat_limits& limits) {
  object_reader read{payload, limits};
  command::delete_message command;
  command.room = read.room(false);
  command.seq = read.required_seq("seq", 1);
  return read.finish<chat_command>(std::move(command));
}

result read_mark_read(json::value payload, const chat_limits& limits) {
  object_reader read{payload, limits};
  command::mark_read command;
  command.room = read.room(false);
  command.seq = read.required_seq("seq", 0);
  return read.finish<chat_command>(std::move(command));
}

result read_typing(json::value payload, const chat_limits& limits) {
  object_reader read{payload, limits};
  command::set_typing command;
  command.room = read.room(false);
  command.is_typing = read.boolean("is_typing");
  return read.finish<chat_command>(std::move(command));
}

result read_get_messages(json::value payload, const chat_limits& limits) {
  object_reader read{payload, limits};
  command::get_messages command;
  command.room = read.room(true);
  command.page = read_history(read);
  return read.finish<chat_command>(std::move(command));
}

result read_search_messages(json::value payload, const chat_limits& limits) {
  object_reader read{payload, limits};
  command::search_messages command;
  command.room = read.room(false);
  command.terms = read_search(read);
  return read.finish<chat_command>(std::move(command));
}

result read_get_members(json::value payload, const chat_limits& limits) {
  object_reader read{payload, limits};
  command::get_members command;
  command.room = read.room(true);
  command.after = read.optional_text("after");
  command.limit = read.number("limit", {1, max_member_page}, default_member_page);
  return read.finish<chat_command>(std::move(command));
}

result as_command(moderation_result read) {
  if (!read) return unexpected(std::move(read.error()));
  return std::visit(
      [](auto&& each) -> chat_command { return std::forward<decltype(each)>(each); },
      *std::move(read));
}

result read_set(json::value payload, const chat_limits& limits) {
  return as_command(read_set_room(payload, limits));
}

template <standing_kind Kind>
result read_put(json::value payload, const chat_limits& limits) {
  return as_command(read_put_standing(Kind, payload, limits));
}

template <standing_kind Kind>
result read_lift(json::value payload, const chat_limits& limits) {
  return as_command(read_lift_standing(Kind, payload, limits));
}

result read_kick(json::value payload, const chat_limits& limits) {
  return as_command(read_kick_user(payload, limits));
}

result read_list(json::value payload, const chat_limits& limits) {
  return as_command(read_get_standings(payload, limits));
}

/// Reads a token, which may also be the payload itself. Whether there is one and it is good is
/// for the session to say: in open mode even a missing token is `forbidden`.
result read_refresh(json::value payload, const chat_limits&) {
  const auto token = payload.is_string() ? payload.string() : payload.find("token").string();
  return command::refresh_token{token ? std::optional<std::string>{*token} : std::nullopt};
}

struct event_reader {
  std::string_view name;
  result (*read)(json::value, const chat_limits&);
};

/// Every event that a client may send, in each of its spellings.
constexpr std::array event_readers{
    event_reader{"join_room", read_join},
    event_reader{"join", read_join},
    event_reader{"leave_room", read_leave},
    event_reader{"leave", read_leave},
    event_reader{"send_message", read_send},
    event_reader{"edit_message", read_edit},
    event_reader{"delete_message", read_delete},
    event_reader{"mark_read", read_mark_read},
    event_reader{"typing", read_typing},
    event_reader{"get_messages", read_get_messages},
    event_reader{"search_messages", read_search_messages},
    event_reader{"get_members", read_get_members},
    event_reader{"set_room", read_set},
    event_reader{"add_member", read_put<standing_kind::member>},
    event_reader{"remove_member", read_lift<standing_kind::member>},
    event_reader{"ban_user", read_put<standing_kind::ban>},
    event_reader{"unban_user", read_lift<standing_kind::ban>},
    event_reader{"mute_user", read_put<standing_kind::mute>},
    event_reader{"unmute_user", read_lift<standing_kind::mute>},
    event_reader{"kick_user", read_kick},
    event_reader{"get_standings", read_list},
    event_reader{"refresh_token", read_refresh},
};

} // namespace

expected<chat_command, error> parse_command(std::string_view event, json::value payload,
                                            const chat_limits& limits) {
  for (const auto& reader : event_readers)
    if (reader.name == event) return reader.read(payload, limits);
  return unexpected(error{error_code::unknown_event, "there is no such event"});
}

expected<room_ref, error> parse_room(json::value payload, const chat_limits& limits,
                                     bool bare) {
  object_reader read{payload, limits};
  return read.finish(read.room(bare));
}

expected<std::optional<std::string>, error> parse_username(json::value object,
                                                           const chat_limits& limits) {
  object_reader read{object, limits};
  return read.finish(read.username());
}

} // namespace hubbub
