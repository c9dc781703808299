#pragma once

#include "proto/json/json.hpp"
#include "proto/model.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Connection state recovery (docs/api.md, "Recovery"): what a client says of an earlier
/// session, and the positions that stand in an offset.
namespace hubbub {

/// What the auth object of a CONNECT says of recovery.
struct recovery_request {
  bool wanted = false;               ///< `recover`: true or 1
  std::optional<std::string> pid;    ///< the private id of an earlier session
  std::optional<std::string> offset; ///< of the last event that it saw
};

/// Reads an auth object. Fields of another type, or far too long to be ours, are as good as
/// absent: an unusable pid only means a fresh session. `max_rooms` is how many rooms a socket
/// may be in, which says how long an offset of ours may be.
[[nodiscard]] recovery_request parse_recovery(json::value auth, std::size_t max_rooms);

/// Moves a place forward in its room's log, never back.
void advance(room_position& place, const room_position& to);
/// Brings positions into the form that offsets have, whatever order they come in: rising in
/// rooms, each room once, at the latest of its places.
void normalize(std::vector<room_position>& positions);

/// Writes positions as bytes, one or two a number in young rooms. They are to be normalized.
[[nodiscard]] std::string encode_positions(const std::vector<room_position>& positions);
/// Reads what can be read of bytes that a signature has shown to be ours, and normalizes it: a
/// part that is out of order, twice there or cut off does not spoil the others. All of it was
/// true when it was signed, so the latest place of a room is the right one.
[[nodiscard]] std::vector<room_position> decode_positions(std::string_view bytes);

} // namespace hubbub
