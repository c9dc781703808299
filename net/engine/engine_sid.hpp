#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace hubbub {

/// Returns the two characters with which the sids of a node begin, so that a proxy can tell
/// where a session lives: the node's number in base64url. `node` is from 1 to 4095.
[[nodiscard]] std::string sid_prefix(std::size_t node);

/// Makes a new Engine.IO session's id: 128 unguessable bits, and the io thread that the session
/// lives on. On a node it begins with the node's prefix; `node` is 0 for a server that is
/// alone.
[[nodiscard]] std::string make_sid(std::size_t thread, std::size_t node = 0);

/// Returns the io thread that a sid names. Returns nothing for text that `make_sid` never
/// makes, for a sid of another node, and for a thread that is not below `threads`.
[[nodiscard]] std::optional<std::size_t>
thread_of_sid(std::string_view sid, std::size_t threads, std::size_t node = 0);

/// Returns the node that a sid names. Returns nothing for text that `make_sid` never makes on a
/// node.
[[nodiscard]] std::optional<std::size_t> node_of_sid(std::string_view sid);

} // namespace hubbub
