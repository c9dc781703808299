#pragma once

#include "proto/access/standing.hpp"
#include "proto/ids.hpp"
#include "proto/json/json.hpp"
#include "proto/model.hpp"
#include "proto/socket/socket_packet.hpp"
#include "proto/websocket/frame.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

/// Encodes what owners and admins do to rooms and users, as clients are told of it.
namespace hubbub {

/// Why a user is taken out of a room.
struct kick_notice {
  std::string by = {}; ///< empty: the user may no longer see the room
  std::string reason = {};
  bool banned = false;
  std::optional<timestamp> until = std::nullopt; ///< the end of the ban
};

namespace event {

// To the sockets of the user concerned.
[[nodiscard]] frame_ptr kicked(room_id id, std::string_view room, const kick_notice& why);
[[nodiscard]] frame_ptr muted(room_id id, std::string_view room, const standing& mute);
[[nodiscard]] frame_ptr unmuted(room_id id, std::string_view room, std::string_view by);

// To all members.
[[nodiscard]] frame_ptr room_updated(room_id id, std::string_view room, const room_policy& now);

} // namespace event

// Fields of answers: JSON without the braces around it.
[[nodiscard]] std::string room_field(room_id id, std::string_view room, const room_policy& now);
/// Returns the field of a standing; null says that there is none any more.
[[nodiscard]] std::string standing_field(const standing* now);
[[nodiscard]] std::string kicked_field(std::int64_t sockets);
[[nodiscard]] std::string standings_field(std::span<const standing> page,
                                          std::string_view next);
/// Encodes the ack `{"ok":true, …}` with such fields.
[[nodiscard]] frame_ptr fields_ack(ack_id id, std::string_view fields);

/// Adds `private`, `owner` (null if there is none) and `closed` to an open object.
void write_room_policy(json::writer& out, const room_policy& now);

} // namespace hubbub
