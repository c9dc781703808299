#pragma once

#include "proto/ids.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace hubbub {

/// The kinds of entry that a room keeps about users, who need not be present; the owner is kept
/// in the room's record. A user has at most one standing of each kind in a room. The numbers
/// are those of the database.
enum class standing_kind : std::uint8_t {
  member = 1, ///< may enter the room while it is private
  ban = 2,    ///< may neither enter nor send, and does not see the room at all if it is private
  mute = 3,   ///< may read, but neither send nor type
};
inline constexpr std::array all_standing_kinds{standing_kind::member, standing_kind::ban,
                                               standing_kind::mute};

/// Returns the kind's name: `member`, `ban`, `mute`.
[[nodiscard]] constexpr std::string_view to_string(standing_kind kind) {
  switch (kind) {
  case standing_kind::member: return "member";
  case standing_kind::ban: return "ban";
  case standing_kind::mute: break;
  }
  return "mute";
}

struct standing {
  standing_kind kind = standing_kind::member;
  std::string user_id;
  std::string by; ///< the user_id of the person who set it
  timestamp at;   ///< when it was set
  /// When it ends; without a value it lasts until it is lifted.
  std::optional<timestamp> until = std::nullopt;
  std::string reason = {}; ///< empty: no reason was given
  friend bool operator==(const standing&, const standing&) = default;

  /// True if the standing has not expired.
  [[nodiscard]] bool holds(timestamp now) const { return !until || *until > now; }
};

/// How one user stands in one room at one moment.
struct user_standing {
  bool owner = false; ///< the owner is affected by no other standing
  bool member = false;
  bool banned = false;
  bool muted = false;
  friend bool operator==(const user_standing&, const user_standing&) = default;

  /// Adds one standing to the others.
  void add(standing_kind kind) {
    member = member || kind == standing_kind::member;
    banned = banned || kind == standing_kind::ban;
    muted = muted || kind == standing_kind::mute;
  }
};

} // namespace hubbub
