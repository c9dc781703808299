#pragma once

#include "proto/chat/api_body.hpp"
#include "proto/chat/moderation_command.hpp"

#include <optional>
#include <string_view>

/// The same over HTTP, where the path names the room, the list and the user.
namespace hubbub {

/// The list of this name in a path: `roster`, `bans`, `mutes`.
[[nodiscard]] std::optional<standing_kind> parse_list_name(std::string_view name);

/// `PATCH /api/rooms/{id}`.
[[nodiscard]] moderation_result parse_set_room(std::string_view body,
                                               const chat_limits& limits);
/// `PUT /api/rooms/{id}/{list}/{user_id}`; the body may be empty.
[[nodiscard]] moderation_result parse_put_standing(standing_kind kind, std::string_view user_id,
                                                   std::string_view body,
                                                   const chat_limits& limits);
/// `DELETE` of the same.
[[nodiscard]] moderation_result
parse_lift_standing(standing_kind kind, std::string_view user_id, const chat_limits& limits);
/// `POST /api/rooms/{id}/kicks`.
[[nodiscard]] moderation_result parse_kick_user(std::string_view body,
                                                const chat_limits& limits);
/// `GET /api/rooms/{id}/{list}?limit&after`.
[[nodiscard]] moderation_result parse_get_standings(standing_kind kind,
                                                    const query_params& params);

} // namespace hubbub
