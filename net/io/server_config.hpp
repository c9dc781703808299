#pragma once

#include "net/admission/connection_bounds.hpp"
#include "net/admission/process_memory.hpp"
#include "proto/access/client_address.hpp"
#include "proto/engine/engine_session.hpp"
#include "proto/socket/socket_session.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace hubbub {

/// How the server listens and what it allows a connection. Plain values with their defaults;
/// config.hpp reads them from the command line, the environment and a file.
struct server_config {
  std::string host;           ///< empty: all addresses, `::` dual stack or `0.0.0.0`
  std::uint16_t port = 5005;  ///< 0 picks a free one
  std::size_t io_threads = 0; ///< 0: one per core
  /// False: there are none until the server is stopped, and the host runs their work with
  /// `server::run_ready`, so that all happens in one order on one thread. Not a setting.
  bool own_threads = true;
  engine_config engine;
  socket_config socket;
  std::string cors_origins = "*"; ///< `*`, or origins separated by commas
  bool cors_credentials = false;  ///< with `*`: pages may send credentials
  /// Whose word on the client's address is taken (`X-Forwarded-For`, `Forwarded`).
  std::vector<address_block> trusted_proxies;

  connection_bounds bounds;
  /// What `bounds.memory_limit` is held against, in bytes. Not a setting: tests have their own.
  std::size_t (*resident_memory)() = hubbub::resident_memory;

  std::string tls_cert; ///< a PEM file with the certificate and its chain; empty: plain HTTP
  std::string tls_key;  ///< a PEM file with its key
  std::chrono::milliseconds tls_handshake_timeout{10'000}; ///< to finish the TLS handshake

  bool compression = false;                ///< permessage-deflate, for WebSockets that offer it
  std::size_t compression_min_bytes = 256; ///< of a payload; smaller ones hardly shrink

  /// Memory one connection may hold of what its client did not read; past it `slow_reader`. A
  /// page of 200 long messages (3.2 MB) or what a `since` brings (`max_since_bytes`) fits, and
  /// hundreds of slow readers fit into memory.
  std::size_t max_queue_bytes = 4'000'000;
  /// Past it volatile frames are dropped: a client that is hundreds of events behind has no use
  /// for who was typing then.
  std::size_t max_volatile_bytes = 256'000;
  /// An HTTP request's head: the longest URL (`max_url_bytes`) or the longest token
  /// (`max_token_bytes`), and as much again for cookies and what proxies add.
  std::size_t max_header_bytes = 16'384;
  /// To finish an HTTP head. It fits into a dozen packets: even over a bad network, with some
  /// of them lost, it is there by then, and who dribbles holds a socket no longer.
  std::chrono::milliseconds header_timeout{10'000};
  /// To finish a body, and for a client to take an answer. The longest body (`max_payload`)
  /// needs some 270 kbit/s, which a bad mobile connection has.
  std::chrono::milliseconds body_timeout{30'000};
  /// Between requests of one connection. Longer than a page pauses between two, and longer than
  /// the 60 s after which nginx and most load balancers end an idle connection by themselves:
  /// where the server is the first to end it, a request that is under way meets the end and
  /// becomes a 502.
  std::chrono::milliseconds idle_timeout{75'000};
};

} // namespace hubbub
