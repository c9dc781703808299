#pragma once

#include "proto/chat/api_body.hpp"
#include "proto/chat/moderation_command.hpp"

#include <optional>
#include <string_view>

/// Parses moderation over HTTP, where the path names the room, the list and the user.
namespace hubbub {

/// Returns the kind of the list that a path names: `roster`, `bans`, `mutes`.
[[nodiscard]] std::optional<standing_kind> parse_list_name(std::string_view name);

/// Parses the body of `PATCH /api/rooms/{id}`.
[[nodiscard]] moderation_result parse_set_room(std::string_view body,
                                               const chat_limits& limits);
/// Parses the body of `PUT /api/rooms/{id}/{list}/{user_id}`, which may be empty.
[[nodiscard]] moderation_result parse_put_standing(standing_kind kind, std::string_view user_id,
                                                   std::string_view body,
                                                   const chat_limits& limits);
/// Parses `DELETE /api/rooms/{id}/{list}/{user_id}`.
[[nodiscard]] moderation_result
parse_lift_standing(standing_kind kind, std::string_view user_id, const chat_limits& limits);
/// Parses the body of `POST /api/rooms/{id}/kicks`.
[[nodiscard]] moderation_result parse_kick_user(std::string_view body,
                                                const chat_limits& limits);
/// Parses `GET /api/rooms/{id}/{list}?limit&after`.
[[nodiscard]] moderation_result parse_get_standings(standing_kind kind,
                                                    const query_params& params);

} // namespace hubbub
