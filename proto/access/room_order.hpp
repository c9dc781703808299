#pragma once

#include "proto/access/standing.hpp"
#include "proto/ids.hpp"
#include "proto/model.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace hubbub {

/// The kinds of order that owners and admins give in a room. The numbers are those of the
/// database.
enum class order_kind : std::uint8_t {
  put = 1,        ///< a user was put on a list, or their entry was changed
  lifted = 2,     ///< a user was taken off a list
  kicked = 3,     ///< a user was removed from the room
  configured = 4, ///< the room has another owner or another privacy, or was closed or opened
};

/// An order that was carried out. Where several nodes serve a room it is an entry of the room's
/// log, and each node carries it out between the same two messages.
struct room_order {
  order_kind what = order_kind::put;
  room_id room;
  revision rev; ///< 0 in a log that nobody else follows
  /// The standing that was put. Of a lifted one the kind and the user; of a kick the user and
  /// the reason. `by` gave the order, `at` is when.
  standing about;
  bool is_private = false;                         ///< of a room that was configured
  std::optional<std::string> owner = std::nullopt; ///< of a room that was configured
  bool is_closed = false;                          ///< of a room that was configured
  friend bool operator==(const room_order&, const room_order&) = default;
};

/// Returns what a room is after it was configured.
[[nodiscard]] inline room_policy policy_of(const room_order& configured) {
  return {configured.is_private, configured.owner, configured.is_closed};
}

} // namespace hubbub
