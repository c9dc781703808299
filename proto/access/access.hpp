#pragma once

#include "proto/ids.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace hubbub {

/// How much one may do; each includes those before it.
enum class access_scope : std::uint8_t {
  none,  ///< nothing: a token whose `scope` names none of these
  read,  ///< join, listen, read history and members, search, mark as read
  write, ///< create rooms, send, type, edit and delete one's own messages
  admin, ///< administer every room
};

/// What somebody may do and how that is known. Immutable once it is shared: all messages of one
/// client, and what a request over HTTP asks for, carry the same one. What follows from it is
/// for the policy (policy.hpp) alone to say.
struct access {
  /// The name rests on a token or an API key. In open mode it is whatever the client says.
  bool proven = false;
  /// An API key: may speak in any user's name.
  bool any_user = false;
  access_scope scope = access_scope::write;
  /// Names of rooms, or patterns in which `*` stands for any run of characters; none: every
  /// room.
  std::optional<std::vector<std::string>> rooms = std::nullopt;
  /// Who was proven: the user of a token, the name of an API key. Empty in open mode.
  std::string user_id = {};
  std::string username = {};
  /// From then on it is worth nothing.
  std::optional<timestamp> expires_at = std::nullopt;
};
using access_ptr = std::shared_ptr<const access>;

/// What everybody may do where nobody proves anything.
[[nodiscard]] inline const access_ptr& open_access() {
  static const auto everybody = std::make_shared<const access>();
  return everybody;
}

} // namespace hubbub
