#pragma once

#include "proto/json/json.hpp"
#include "proto/model.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Reads connection state recovery (docs/api.md, "Recovery"): what a client says of an earlier
/// session, and the positions inside an offset.
namespace hubbub {

/// What the auth object of a CONNECT says about recovery.
struct recovery_request {
  bool wanted = false;               ///< `recover` was true or 1
  std::optional<std::string> pid;    ///< the private id of an earlier session
  std::optional<std::string> offset; ///< the offset of the last event that the client saw
};

/// Reads an auth object. Fields of another type, or far too long to be ours, count as absent,
/// since an unusable pid only means a fresh session. `max_rooms` is how many rooms a socket may
/// be in, which bounds the length of our offsets.
[[nodiscard]] recovery_request parse_recovery(json::value auth, std::size_t max_rooms);

/// Moves a position forward in its room's log, never back.
void advance(room_position& position, const room_position& to);
/// Brings positions into the form that offsets have, whatever order they come in: ordered by
/// room, each room once, with its latest position.
void normalize(std::vector<room_position>& positions);

/// Encodes positions as bytes, one or two bytes a number in young rooms. They must be
/// normalized.
[[nodiscard]] std::string encode_positions(const std::vector<room_position>& positions);
/// Decodes as much as possible of bytes whose signature proved to be ours, and normalizes it: a
/// part that is out of order, repeated or cut off does not spoil the others. All of it was true
/// when it was signed, so the latest position of a room is the right one.
[[nodiscard]] std::vector<room_position> decode_positions(std::string_view bytes);

} // namespace hubbub
