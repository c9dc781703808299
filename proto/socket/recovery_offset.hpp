#pragma once

#include "proto/json/json.hpp"
#include "proto/model.hpp"

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

/// Fields of another type, or far too long to be ours, are as good as absent: an unusable pid
/// only means a fresh session.
[[nodiscard]] recovery_request parse_recovery(json::value auth);

/// Positions in rising order of rooms, as bytes: one or two a number in young rooms.
[[nodiscard]] std::string encode_positions(const std::vector<room_position>& positions);
/// Empty for anything that `encode_positions` does not write.
[[nodiscard]] std::optional<std::vector<room_position>>
decode_positions(std::string_view bytes);

} // namespace hubbub
