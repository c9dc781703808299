#pragma once

#include "proto/ids.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace hubbub {

/// What a room can hold about a user who need not be there; the owner stands in its record. A
/// user has at most one standing of each kind in a room. The numbers are those of the database.
enum class standing_kind : std::uint8_t {
  member = 1, ///< may come into the room while it is private
  ban = 2,    ///< neither comes in nor sends; does not see a private room at all
  mute = 3,   ///< reads, and neither sends nor types
};
inline constexpr std::array all_standing_kinds{standing_kind::member, standing_kind::ban,
                                               standing_kind::mute};

/// `member`, `ban`, `mute`.
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
  std::string by;                                ///< the user_id of whoever said so
  timestamp at;                                  ///< and when
  std::optional<timestamp> until = std::nullopt; ///< none: until it is taken back
  std::string reason = {};                       ///< empty: none was given
  friend bool operator==(const standing&, const standing&) = default;

  /// It has not run out.
  [[nodiscard]] bool holds(timestamp now) const { return !until || *until > now; }
};

/// How one user stands in one room at one moment.
struct user_standing {
  bool owner = false; ///< whom no other standing concerns
  bool member = false;
  bool banned = false;
  bool muted = false;
  friend bool operator==(const user_standing&, const user_standing&) = default;

  /// Takes one more into account.
  void add(standing_kind kind) {
    member = member || kind == standing_kind::member;
    banned = banned || kind == standing_kind::ban;
    muted = muted || kind == standing_kind::mute;
  }
};

} // namespace hubbub
