#pragma once

#include "net/io/io_socket.hpp"
#include "proto/access/client_address.hpp"

namespace hubbub {

/// Who is at the other end of a connected socket; not known (all zero) where it has gone.
[[nodiscard]] client_address peer_address(const io_socket& socket);

} // namespace hubbub
