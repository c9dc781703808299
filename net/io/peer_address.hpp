#pragma once

#include "net/io/io_socket.hpp"
#include "proto/access/client_address.hpp"

namespace hubbub {

/// Returns the address of the peer of a connected socket; unknown (all zero) if the peer has
/// gone, and `local_peer` if it came by a socket in the file system.
[[nodiscard]] client_address peer_address(const io_socket& socket);

} // namespace hubbub
