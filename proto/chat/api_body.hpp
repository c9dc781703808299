#pragma once

#include "proto/access/access.hpp"
#include "proto/chat/chat_command.hpp"
#include "proto/chat/chat_event.hpp"
#include "proto/chat/history_query.hpp"
#include "proto/error.hpp"
#include "proto/expected.hpp"
#include "proto/json/json.hpp"
#include "proto/limits.hpp"
#include "proto/model.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// Parses bodies and query parameters of the HTTP API (docs/api.md, "HTTP"), without any HTTP.
namespace hubbub {

/// One parameter of a query.
struct query_param {
  std::string name;
  std::string value; ///< decoded, or as it was sent where it cannot be decoded
  /// False if an escape in the value is broken, or hides a NUL or bytes that are not UTF-8.
  /// Only a request that needs the value is refused for it.
  bool is_decoded = true;

  bool operator==(const query_param&) const = default;
};

/// Query parameters in order of appearance. Unknown ones are ignored, whatever they hold; the
/// first of repeated ones counts. Numbers are whole and have no sign.
using query_params = std::vector<query_param>;

/// Parses a body that must be a JSON object in UTF-8; a byte order mark at the front is
/// skipped.
[[nodiscard]] expected<json::document, error> parse_object(std::string_view body);

/// The body of `POST /api/rooms`.
struct new_room {
  std::string name;
  bool is_private = false;
  std::optional<std::string> owner; ///< a user_id; only API keys may set it
};
[[nodiscard]] expected<new_room, error> parse_new_room(std::string_view body,
                                                       const chat_limits& limits);

/// The body of `POST /api/messages/{room_id}` or `POST /messages`.
struct post_message {
  std::optional<room_ref> room; ///< set only if the path names no room
  std::string content;
  std::string user_id; ///< the proven user, else the named one, else `anonymous`
  std::string username;
  std::optional<std::string> client_id; ///< requires a name other than `anonymous`
};
/// Parses the body of a new message. With `room_in_body` the body must name the room.
/// `idempotency_key` is the header of this name and means the same as the body's `client_id`;
/// it is empty if none was sent, and may stand in double quotes, as a string of structured
/// fields. The names in the body of a proven user are ignored. An API key speaks for the user
/// that `user_id` and `username` name (either stands for the other), else for itself.
[[nodiscard]] expected<post_message, error>
parse_post_message(std::string_view body, bool room_in_body, std::string_view idempotency_key,
                   const chat_limits& limits, const access& who = *open_access());

/// The body of `PATCH /api/messages/{room_id}/{seq}`.
struct edit_body {
  std::string content;
  std::string user_id; ///< the author's; where names are not proven `username` is required
};
[[nodiscard]] expected<edit_body, error> parse_edit_body(std::string_view body,
                                                         const chat_limits& limits,
                                                         const access& who = *open_access());

/// Returns the author that `DELETE /api/messages/{room_id}/{seq}` names by `?username`, or by
/// `?user_id` for API keys. The parameter is required unless the user is proven.
[[nodiscard]] expected<std::string, error> parse_author(const query_params& params,
                                                        const chat_limits& limits,
                                                        const access& who = *open_access());

/// The query of `GET /api/rooms`: `?limit&after&q&user_id`.
struct rooms_query {
  std::int64_t limit = default_room_page;
  room_id after;                      ///< 0: from the first room
  std::string q;                      ///< at most `max_query` characters; empty: every room
  std::optional<std::string> user_id; ///< the user whose read state is included
};
[[nodiscard]] expected<rooms_query, error> parse_rooms_query(const query_params& params);

/// Parses `?limit&before&after&around&user_id&from&until` of `GET /api/messages/{room_id}`. A
/// time is RFC 3339 or milliseconds since 1970.
[[nodiscard]] expected<history_query, error> parse_history_query(const query_params& params);

/// Parses `?q&user_id&offset&limit` of `GET /api/search` and `GET
/// /api/messages/{room_id}/search`.
[[nodiscard]] expected<search_terms, error> parse_search_terms(const query_params& params);

/// The query of `GET /api/rooms/{id}/members`: `?limit&after`.
struct members_query {
  std::int64_t limit = default_member_page;
  std::optional<std::string> after;
};
[[nodiscard]] expected<members_query, error> parse_members_query(const query_params& params);

/// Parses a room's number from a path segment; anything but a whole number that fits is
/// `not_found`.
[[nodiscard]] expected<room_id, error> parse_room_id(std::string_view segment);
/// Parses a message's `seq` from a path segment; anything but a whole number that fits is
/// `not_found`.
[[nodiscard]] expected<sequence, error> parse_message_seq(std::string_view segment);

[[nodiscard]] std::string room_json(const room_record& room, std::int64_t members_total);
/// Returns the body of a list of rooms. `members_totals` is parallel to `rooms`, and so is
/// `readings` where a user was named; a `next` without a value is written as null.
[[nodiscard]] std::string rooms_json(std::span<const room_record> rooms,
                                     std::span<const std::int64_t> members_totals,
                                     std::span<const read_state> readings,
                                     std::optional<room_id> next);
[[nodiscard]] std::string messages_json(std::string_view messages_array, const page_ends& ends);
/// Returns `{"results":[…],"has_more":…}`.
[[nodiscard]] std::string results_json(std::string_view results_array, bool has_more);
[[nodiscard]] std::string members_json(std::span<const member> members,
                                       std::int64_t members_total, std::string_view next);
/// Returns `{"error":{"code":…,"message":…}}`.
[[nodiscard]] std::string error_body(const error& e);

/// Returns the body of `GET /api/info`. `auth` is "open" or "token".
[[nodiscard]] std::string info_json(std::string_view version, std::string_view auth,
                                    const chat_limits& limits, std::size_t max_payload,
                                    std::span<const std::string_view> features);

} // namespace hubbub
