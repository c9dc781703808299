#pragma once

#include <cstddef>

namespace hubbub {

/// What connections may take up, beside the bounds that are part of a protocol. 0 is `auto`
/// where it says so.
struct connection_bounds {
  /// Open sockets, and Engine.IO sessions, which polling ones keep without a socket; each up to
  /// this. `auto` leaves 64 of the process's descriptors to the database and what else there
  /// is.
  std::size_t max_connections = 0;
  /// The same for one client's address. `auto`: no less than for all, since behind one address
  /// there may be a whole company, and a server cannot know. Name a number where it may not.
  std::size_t max_connections_per_address = 0;
  /// Connections accepted in a second, and at once. One core opens about half as many
  /// sessions in that time: what comes faster would only wait.
  std::size_t max_accept_rate = 20'000;
  /// Bytes of resident memory from which nobody new is let in. `auto`: three quarters of what
  /// the machine or the control group has, so that the kernel does not end the process first.
  std::size_t memory_limit = 0;
  /// Engine.IO sessions without a namespace: past it the oldest of them goes. As many as may
  /// come back at once after a network failure; one that is honest needs a round trip.
  std::size_t max_unconnected = 20'000;

  /// Header fields of a request. Browsers send 15 to 20, proxies add a few.
  std::size_t max_headers = 100;
  /// Bytes of a request's target. The longest of ours, a search, has under 2,000.
  std::size_t max_url_bytes = 8'192;
  /// Frames of one WebSocket message. Clients do not fragment, or by the 16 KB and more; each
  /// costs about as much to read as a whole message.
  std::size_t max_fragments = 1'000;
};

} // namespace hubbub
