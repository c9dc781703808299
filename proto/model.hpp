#pragma once

#include "proto/ids.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

namespace hubbub {

/// A stored message. It does not hold its room's name: names belong to rooms.
struct message {
  message_id id;
  room_id room;
  sequence seq;
  revision rev;
  std::string user_id;
  std::string username;
  std::string content;
  std::optional<std::string> client_id;
  timestamp created_at;
  std::optional<timestamp> edited_at = std::nullopt;
  /// Set for a tombstone, which has no content.
  std::optional<timestamp> deleted_at = std::nullopt;
  friend bool operator==(const message&, const message&) = default;
};

/// A room as the store knows it.
struct room_record {
  room_id id;
  std::string name;
  timestamp created_at;
  sequence first_seq{1}; ///< retention removed everything older
  sequence last_seq{};   ///< 0 while the room is empty
  revision last_rev{};
  std::optional<timestamp> last_message_at = std::nullopt;
  /// A user_id; none where names are not proven.
  std::optional<std::string> owner = std::nullopt;
  bool is_private = false; ///< only its owner and its members may know of it
  bool is_closed = false;  ///< nobody is in it, and nothing more is said
  friend bool operator==(const room_record&, const room_record&) = default;
};

/// What owners and admins decide about a room.
struct room_policy {
  bool is_private = false;
  std::optional<std::string> owner = std::nullopt;
  bool is_closed = false;
  friend bool operator==(const room_policy&, const room_policy&) = default;
};
[[nodiscard]] inline room_policy policy_of(const room_record& room) {
  return {room.is_private, room.owner, room.is_closed};
}

/// How far a user has read a room, and how many messages of others came since then, up to a
/// bound.
struct read_state {
  sequence read_seq; ///< 0: the user has marked nothing
  std::int64_t unread = 0;
  friend bool operator==(const read_state&, const read_state&) = default;
};

/// A piece of a message that was found: a match, or the text around it.
struct snippet_part {
  std::string text;
  bool match = false;
  friend bool operator==(const snippet_part&, const snippet_part&) = default;
};

/// How much of one room a recoverable session has: every message up to `seq`, and every edit
/// and deletion of those messages up to `rev`.
struct room_position {
  room_id room;
  sequence seq;
  revision rev;
  friend bool operator==(const room_position&, const room_position&) = default;
};

/// A room as a client names it: by number or by (cleaned) name.
using room_ref = std::variant<room_id, std::string>;

/// A user in a room.
struct member {
  std::string user_id;
  std::string username;
  std::int64_t connections = 0; ///< number of the user's sockets in this room
  friend bool operator==(const member&, const member&) = default;
};

/// Why a user left a room; `to_string` gives the word on the wire.
enum class leave_reason : std::uint8_t { leave, disconnect, timeout, slow_reader, kicked };

} // namespace hubbub
