#pragma once

#include "actors/interfaces.hpp"
#include "actors/pinned.hpp"
#include "actors/session.hpp"
#include "net/connection_bounds.hpp"
#include "net/http_exchange.hpp"
#include "net/process_memory.hpp"
#include "net/refused_for.hpp"
#include "proto/client_address.hpp"
#include "proto/engine_session.hpp"
#include "proto/expected.hpp"
#include "proto/socket_session.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
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
  /// Between requests of one connection. Longer than a page pauses between two; a new
  /// connection costs its client less than an idle one costs the server.
  std::chrono::milliseconds idle_timeout{60'000};
};

/// One io thread, as those who live on it see it.
struct io_lane {
  std::size_t index = 0;
  io_unit* unit = nullptr;
  relay_actor relay;
};

/// What runs on the server: made once per io thread, on the thread that calls `server::start`.
struct server_application {
  /// The application of one Socket.IO session at `/socket.io/`.
  application_factory on_socket_io;
  /// Answers plain HTTP, one handler per io thread; may be empty (then all is 404).
  std::function<std::unique_ptr<http_handler>(const io_lane&)> http;
  /// Serve a bare Engine.IO echo at `/engine.io/` (the conformance server).
  bool engine_echo = false;
};

/// Counters of one server, for the metrics page. A copy, taken thread by thread.
struct server_stats {
  std::uint64_t sessions_opened = 0;
  std::uint64_t sessions_open = 0;
  std::uint64_t polling_open = 0;
  std::uint64_t packets_received = 0;
  std::uint64_t frames_sent = 0;
  std::uint64_t bytes_sent = 0;
  std::uint64_t volatile_dropped = 0;
  std::uint64_t slow_readers = 0;
  std::uint64_t gaps_sent = 0;          ///< to slow readers, in the place of messages
  std::uint64_t messages_skipped = 0;   ///< that those gaps stand for
  std::uint64_t unconnected_closed = 0; ///< sessions that made room for newer ones
  std::uint64_t pressure_closed = 0;    ///< slow readers that memory ran short for
  std::uint64_t sockets_open = 0;       ///< of any kind, also those that are ending
  std::array<std::uint64_t, refusal_count> refused{}; ///< connections, by `refused_for`
  std::uint64_t http_requests = 0;
  std::uint64_t tls_handshakes = 0;
  std::uint64_t tls_handshakes_failed = 0; ///< late and plain ones too
};

/// The io threads, the listener and everything between a socket and the actors. Embeds into any
/// actor system: `main.cpp` is one user, a larger deployment another.
///
/// Life: construct, `lanes()` to spawn what is pinned, `start()`, `stop()`, destroy; all from
/// one thread, with the actor system outliving the server.
class server {
 public:
  server(caf::actor_system& system, const server_config& config);
  ~server(); ///< stops, if that was not done

  /// The io threads' execution units and relays: they exist, and run unless the host runs them,
  /// from construction on.
  [[nodiscard]] const std::vector<io_lane>& lanes() const;

  /// Reads the certificate, binds and listens. The error is one sentence that says what to do.
  [[nodiscard]] expected<void, std::string> start(server_application app);
  /// The port it listens on, once started.
  [[nodiscard]] std::uint16_t port() const;
  /// `http://HOST:PORT` or `https://…`, with `localhost` for all addresses.
  [[nodiscard]] std::string url() const;

  /// Reads the certificate and its key again, for connections to come; where they cannot be
  /// used (the error is one sentence) those in use stay. Nothing without TLS.
  [[nodiscard]] expected<void, std::string> reload_tls();

  /// Without threads of its own: runs on the calling thread what is ready, and what that makes
  /// ready. True if there was anything.
  bool run_ready();
  /// Serves a connected stream socket as if it had been accepted; it belongs to the server from
  /// now on. Once started.
  void serve(int descriptor);

  /// Stops accepting and closes every session with an Engine.IO close packet; returns when all
  /// have gone or after `patience`, whichever is first. The io threads go on running, so that
  /// actors can end.
  void close_sessions(std::chrono::milliseconds patience);
  /// Ends the io threads. No actor pinned to them may be left alive.
  void stop();

  /// Asks every io thread for its counters; `done` is called on the io thread `lane`.
  void collect_stats(const io_lane& lane, std::function<void(const server_stats&)> done);

 private:
  class impl;
  std::unique_ptr<impl> impl_;
};

} // namespace hubbub
