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

/// Bodies and query parameters of the HTTP API (docs/api.md, "HTTP"). No HTTP here.
namespace hubbub {

/// One parameter of a query.
struct query_param {
  std::string name;
  std::string value; ///< decoded, or as it was sent where that is not possible
  /// False: an escape in the value is broken, or hides a NUL or bytes that are not UTF-8. Only
  /// a request that needs the value is refused for it.
  bool is_decoded = true;

  bool operator==(const query_param&) const = default;
};

/// Query parameters in order of appearance. Unknown ones are ignored, whatever they hold; of
/// repeated ones the first wins. Numbers are whole and have no sign.
using query_params = std::vector<query_param>;

/// A body that must be a JSON object, in UTF-8; a byte order mark in front is passed over.
[[nodiscard]] expected<json::document, error> parse_object(std::string_view body);

/// `POST /api/rooms`.
struct new_room {
  std::string name;
  bool is_private = false;
  std::optional<std::string> owner; ///< a user_id; for API keys to say
};
[[nodiscard]] expected<new_room, error> parse_new_room(std::string_view body,
                                                       const chat_limits& limits);

/// `POST /api/messages/{room_id}`, `POST /messages`.
struct post_message {
  std::optional<room_ref> room; ///< only where the path names none
  std::string content;
  std::string user_id; ///< whoever the access proves, or is named; else `anonymous`
  std::string username;
  std::optional<std::string> client_id; ///< needs a name other than `anonymous`
};
/// With `room_in_body` the body must name the room. `idempotency_key`, the header of this name,
/// means the same as the body's `client_id`; empty: none was sent. It may stand in double
/// quotes, as a string of structured fields. Of a proven user the body's names do not count,
/// whatever they are. An API key speaks for the user that `user_id` and `username` name (either
/// stands for the other), else for itself.
[[nodiscard]] expected<post_message, error>
parse_post_message(std::string_view body, bool room_in_body, std::string_view idempotency_key,
                   const chat_limits& limits, const access& who = *open_access());

/// `PATCH /api/messages/{room_id}/{seq}`.
struct edit_body {
  std::string content;
  std::string user_id; ///< the author's; where it is not proven `username` is required
};
[[nodiscard]] expected<edit_body, error> parse_edit_body(std::string_view body,
                                                         const chat_limits& limits,
                                                         const access& who = *open_access());

/// `?username`, for API keys also `?user_id`, of `DELETE /api/messages/{room_id}/{seq}`: the
/// author's `user_id`; required unless it is proven.
[[nodiscard]] expected<std::string, error> parse_author(const query_params& params,
                                                        const chat_limits& limits,
                                                        const access& who = *open_access());

/// `?limit&after&q&user_id` of `GET /api/rooms`.
struct rooms_query {
  std::int64_t limit = default_room_page;
  room_id after;                      ///< 0: from the first
  std::string q;                      ///< at most `max_query` characters; empty: every room
  std::optional<std::string> user_id; ///< whose reading is to be told
};
[[nodiscard]] expected<rooms_query, error> parse_rooms_query(const query_params& params);

/// `?limit&before&after&around&user_id&from&until` of `GET /api/messages/{room_id}`. A time is
/// RFC 3339 or milliseconds since 1970.
[[nodiscard]] expected<history_query, error> parse_history_query(const query_params& params);

/// `?q&user_id&offset&limit` of `GET /api/search` and `GET /api/messages/{room_id}/search`.
[[nodiscard]] expected<search_terms, error> parse_search_terms(const query_params& params);

/// `?limit&after` of `GET /api/rooms/{id}/members`.
struct members_query {
  std::int64_t limit = default_member_page;
  std::optional<std::string> after;
};
[[nodiscard]] expected<members_query, error> parse_members_query(const query_params& params);

/// A room's number from a path segment; anything but a whole number that fits is `not_found`.
[[nodiscard]] expected<room_id, error> parse_room_id(std::string_view segment);
/// The same for a message's `seq`.
[[nodiscard]] expected<sequence, error> parse_message_seq(std::string_view segment);

[[nodiscard]] std::string room_json(const room_record& room, std::int64_t members_total);
/// `members_totals` stands beside `rooms`, and so does `readings` where a user was named; an
/// absent `next` is null.
[[nodiscard]] std::string rooms_json(std::span<const room_record> rooms,
                                     std::span<const std::int64_t> members_totals,
                                     std::span<const read_state> readings,
                                     std::optional<room_id> next);
[[nodiscard]] std::string messages_json(std::string_view messages_array, const page_ends& ends);
/// `{"results":[…],"has_more":…}`
[[nodiscard]] std::string results_json(std::string_view results_array, bool has_more);
[[nodiscard]] std::string members_json(std::span<const member> members,
                                       std::int64_t members_total, std::string_view next);
/// `{"error":{"code":…,"message":…}}`
[[nodiscard]] std::string error_body(const error& e);

/// What `GET /api/info` tells. `auth` is "open" or "token".
[[nodiscard]] std::string info_json(std::string_view version, std::string_view auth,
                                    const chat_limits& limits, std::size_t max_payload,
                                    std::span<const std::string_view> features);

} // namespace hubbub
