#pragma once

#include "proto/access/access.hpp"
#include "proto/access/standing.hpp"
#include "proto/json/json.hpp"
#include "proto/model.hpp"
#include "proto/socket/socket_packet.hpp"
#include "proto/websocket/frame.hpp"

#include <hubbub/authentication.hpp>
#include <hubbub/requests.hpp>

#include <optional>
#include <string_view>
#include <vector>

/// Translates what rooms and stores say into the values of the library.
namespace hubbub {

[[nodiscard]] api::message to_public(const message& from, std::string_view room_name);
[[nodiscard]] api::room to_public(const room_record& from, std::int64_t members);

/// Returns the scope of a host's word.
[[nodiscard]] access_scope to_scope(token_scope from);

/// Read what the chat has written as JSON.
[[nodiscard]] api::message read_message(json::value from);
[[nodiscard]] api::member_page read_members(json::value from);
[[nodiscard]] api::standing read_standing(json::value from);

/// What a room says to one connection.
struct said {
  std::vector<api::room_event> events; ///< several only for users who join and leave together
  /// True if the events are in the room's log; then there is one.
  bool is_logged = false;
  std::optional<ack_id> ack; ///< set if it answers this request
  json::document answer;     ///< of an ack: its arguments
};
/// Reads a frame of the chat; nothing of what only sockets need.
[[nodiscard]] said read_frame(const frame& what);

} // namespace hubbub
