#pragma once

#include "net/forward/node_names.hpp"
#include "net/io/io_socket.hpp"

#include <chrono>
#include <functional>

namespace hubbub {

/// Gets a connected socket, which does not block, or an error.
using dialled = std::function<void(boost::system::error_code ec, io_socket socket)>;

/// Connects to another node; its addresses are tried one after the other. `done` is called
/// once, after a few seconds at the latest, and not before this returns.
void dial_node(io_thread& thread, node_names& names, dialled done);

} // namespace hubbub
