#pragma once

#include "net/io/listen_place.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace hubbub {

/// Parses `http://HOST:PORT`, how other nodes reach the listener for nodes of one. A last slash
/// is accepted; a path, a user and another scheme are not.
[[nodiscard]] std::optional<tcp_place> parse_node_url(std::string_view url);
/// Formats a place in the notation that `parse_node_url` reads.
[[nodiscard]] std::string node_url_of(const tcp_place& place);

} // namespace hubbub
