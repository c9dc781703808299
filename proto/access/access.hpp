#pragma once

#include "proto/ids.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace hubbub {

/// How much a client may do. Each value includes everything that the values before it allow.
enum class access_scope : std::uint8_t {
  none,  ///< grants nothing: the `scope` of the token names none of the others
  read,  ///< join, listen, read history and members, search and mark as read
  write, ///< create rooms, send, type, and edit and delete one's own messages
  admin, ///< administer every room
};

/// The rights of one client, and how they are known. Immutable once it is shared: all messages
/// of one client, and everything that one HTTP request asks for, carry the same object. Only
/// permissions.hpp decides what follows from it.
struct access {
  /// True if a token or an API key proves the name. In open mode the name is whatever the
  /// client says.
  bool proven = false;
  /// True for an API key, which may speak in any user's name.
  bool any_user = false;
  access_scope scope = access_scope::write;
  /// Names of the rooms that may be used, or patterns in which `*` stands for any run of
  /// characters. Without a value every room may be used.
  std::optional<std::vector<std::string>> rooms = std::nullopt;
  /// The proven name: the user of a token, or the name of an API key. Empty in open mode.
  std::string user_id = {};
  std::string username = {};
  /// The time from which on these rights are void; without a value they never expire.
  std::optional<timestamp> expires_at = std::nullopt;
};
using access_ptr = std::shared_ptr<const access>;

/// Returns the rights that everybody has in open mode, where nobody proves a name.
[[nodiscard]] inline const access_ptr& open_access() {
  static const auto everybody = std::make_shared<const access>();
  return everybody;
}

} // namespace hubbub
