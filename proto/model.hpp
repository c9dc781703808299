#pragma once

#include "proto/ids.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

namespace hubbub {

/// A stored message. Its room's name is not part of it: names belong to rooms.
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
  std::optional<timestamp> deleted_at = std::nullopt; ///< a tombstone, without content
  friend bool operator==(const message&, const message&) = default;
};

/// A room as the store knows it.
struct room_record {
  room_id id;
  std::string name;
  timestamp created_at;
  sequence first_seq{1}; ///< what is older was removed by retention
  sequence last_seq{};   ///< 0 while empty
  revision last_rev{};
  std::optional<timestamp> last_message_at = std::nullopt;
  std::optional<std::string> owner = std::nullopt; ///< a user_id; none where names are unproven
  bool is_private = false; ///< there for its owner and its list of members alone
  friend bool operator==(const room_record&, const room_record&) = default;
};

/// How far a user has read a room, and how many messages of others came since, up to a bound.
struct read_state {
  sequence read_seq; ///< 0: nothing was marked
  std::int64_t unread = 0;
  friend bool operator==(const read_state&, const read_state&) = default;
};

/// A piece of a message that was found: a match, or what stands around it.
struct snippet_part {
  std::string text;
  bool match = false;
  friend bool operator==(const snippet_part&, const snippet_part&) = default;
};

/// What a recoverable session has of one room: every message up to `seq`, and every edit and
/// deletion of those up to `rev`.
struct room_position {
  room_id room;
  sequence seq;
  revision rev;
  friend bool operator==(const room_position&, const room_position&) = default;
};

/// How a client names a room: by number or by (cleaned) name.
using room_ref = std::variant<room_id, std::string>;

/// A user in a room.
struct member {
  std::string user_id;
  std::string username;
  std::int64_t connections = 0; ///< the user's sockets in this room
  friend bool operator==(const member&, const member&) = default;
};

/// Why a user left a room; `to_string` gives the word on the wire.
enum class leave_reason : std::uint8_t { leave, disconnect, timeout, slow_reader, kicked };

} // namespace hubbub
