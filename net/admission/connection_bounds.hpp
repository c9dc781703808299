#pragma once

#include <cstddef>

namespace hubbub {

/// Bounds on what connections may use, besides the bounds that belong to a protocol. 0 stands
/// for `auto` where a comment says so.
struct connection_bounds {
  /// Maximum number of open sockets, and also of Engine.IO sessions, which exist without a
  /// socket while they poll. `auto` leaves 64 of the process's descriptors to the database and
  /// everything else.
  std::size_t max_connections = 0;
  /// Maximum number of open sockets, and of sessions, of one client's address. `auto`: as many
  /// as in total, since a whole company may share one address, and a server cannot know. Set a
  /// number where that is not so.
  std::size_t max_connections_per_address = 0;
  /// Maximum number of connections that are accepted in a second, and at once. One core opens
  /// about half as many sessions in that time, so more would only wait.
  std::size_t max_accept_rate = 20'000;
  /// Bytes of resident memory from which on new connections are refused. `auto`: three quarters
  /// of what the machine or the control group has, so that the kernel does not kill the process
  /// first.
  std::size_t memory_limit = 0;
  /// Maximum number of Engine.IO sessions without a namespace; above it the oldest of them is
  /// closed. It is as many as may return at once after a network failure; an honest session
  /// needs only a round trip.
  std::size_t max_unconnected = 20'000;

  /// Maximum number of header fields of a request. Browsers send 15 to 20, proxies add a few.
  std::size_t max_headers = 100;
  /// Maximum number of bytes of a request's target. The longest of ours, a search, has under
  /// 2,000.
  std::size_t max_url_bytes = 8'192;
  /// Maximum number of frames of one WebSocket message. Clients do not fragment, or only into
  /// pieces of 16 KB and more; each frame costs about as much to read as a whole message.
  std::size_t max_fragments = 1'000;
};

} // namespace hubbub
