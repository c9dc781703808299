#include "proto/chat/moderation_body.hpp"

#include "proto/chat/field_reader.hpp"
#include "proto/chat/query_reader.hpp"
#include "proto/json/text.hpp"

#include <utility>

namespace hubbub {
namespace {

/// Parses a body that may be empty.
expected<json::document, error> parse_optional(std::string_view body) {
  return parse_object(without_bom(body).empty() ? "{}" : body);
}

} // namespace

std::optional<standing_kind> parse_list_name(std::string_view name) {
  if (name == "roster") return standing_kind::member;
  if (name == "bans") return standing_kind::ban;
  if (name == "mutes") return standing_kind::mute;
  return std::nullopt;
}

moderation_result parse_set_room(std::string_view body, const chat_limits& limits) {
  const auto document = parse_object(body);
  if (!document) return unexpected(document.error());
  object_reader read{document->root(), limits};
  command::configure_room command;
  read_configuration(read, command);
  return read.finish<room_moderation>(std::move(command));
}

moderation_result parse_put_standing(standing_kind kind, std::string_view user_id,
                                     std::string_view body, const chat_limits& limits) {
  const auto document = parse_optional(body);
  if (!document) return unexpected(document.error());
  auto name = exact_name(user_id, limits.username, "user_id");
  if (!name) return unexpected(std::move(name.error()));
  object_reader read{document->root(), limits};
  command::put_standing command;
  command.kind = kind;
  command.user_id = *std::move(name);
  read_terms(read, command);
  return read.finish<room_moderation>(std::move(command));
}

moderation_result parse_lift_standing(standing_kind kind, std::string_view user_id,
                                      const chat_limits& limits) {
  auto name = exact_name(user_id, limits.username, "user_id");
  if (!name) return unexpected(std::move(name.error()));
  return command::lift_standing{{}, kind, *std::move(name)};
}

moderation_result parse_kick_user(std::string_view body, const chat_limits& limits) {
  const auto document = parse_object(body);
  if (!document) return unexpected(document.error());
  object_reader read{document->root(), limits};
  command::kick_user command;
  command.user_id = read.user_id("user_id");
  command.reason = read.reason();
  return read.finish<room_moderation>(std::move(command));
}

moderation_result parse_get_standings(standing_kind kind, const query_params& params) {
  query_reader read{params};
  command::get_standings command;
  command.kind = kind;
  command.limit = read.number("limit", {1, max_standing_page}, default_standing_page);
  command.after = read.optional_text("after");
  return read.finish<room_moderation>(std::move(command));
}

} // namespace hubbub
