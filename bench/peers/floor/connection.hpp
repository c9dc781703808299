#pragma once

#include "bench/client/file_descriptor.hpp"

#include <sys/uio.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <vector>

namespace hubbub::floor {

struct room;

struct membership {
  room* where = nullptr;
  std::size_t index = 0; ///< its place among the room's members
};

/// One client's connection and its state.
struct connection {
  bench::file_descriptor socket;
  std::uint64_t serial = 0;

  bool upgraded = false;  ///< the WebSocket handshake is done
  bool connected = false; ///< Socket.IO's CONNECT is done
  bool closed = false;    ///< closed or closing; nothing is sent to it any more
  std::string unread;     ///< the beginning of an incomplete frame or head

  std::vector<iovec> queue; ///< frames of this pass; the outbox keeps their bytes
  std::string unsent;       ///< bytes that the socket did not take

  std::string user; ///< the name, as a JSON string with its quotes
  std::vector<membership> rooms;

  std::chrono::steady_clock::time_point ping_due;
  std::list<connection*>::iterator ping_entry; ///< its place in the list of all, by `ping_due`
  bool awaits_pong = false;
};

/// Shared with messages on their way to the log, whose acks may come after the connection's
/// end.
using connection_ptr = std::shared_ptr<connection>;

} // namespace hubbub::floor
