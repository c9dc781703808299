#pragma once

#include <caf/expected.hpp>
#include <hubbub/values.hpp>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hubbub {

/// How much the bearer of a token may do, or a client that a hook lets in. Each value allows
/// what the values before it do.
enum class token_scope : std::uint8_t {
  read,  ///< join, listen, read history and members, search
  write, ///< create rooms, send, type, change and delete one's own messages
  admin, ///< administer every room
};

/// Says who a token belongs to, and what it allows.
struct token_holder {
  api::user who = {}; ///< as everywhere: without a name the id is shown
  token_scope scope = token_scope::write;
  /// Names of the rooms that may be used, or patterns in which `*` stands for any run of
  /// characters; unset: all.
  std::optional<std::vector<std::string>> rooms = {};
  std::int64_t expires_at = 0; ///< milliseconds since 1970; 0: never
};

/// Checks a token that a client shows: in the handshake (`auth.token`), in the event
/// `refresh_token`, or in the header `Authorization` of the HTTP API, without `Bearer `.
/// Returns whose it is, or an error, whose text (`text_of`) the client is told. It is called on
/// all io threads, on several at once, and must not wait for anything. An exception counts as
/// an error.
using token_check = std::function<caf::expected<token_holder>(std::string_view token)>;

} // namespace hubbub
