#pragma once

#include "net/admission/connection_bounds.hpp"
#include "net/admission/process_memory.hpp"
#include "net/io/listen_place.hpp"
#include "proto/access/client_address.hpp"
#include "proto/engine/engine_session.hpp"
#include "proto/socket/socket_session.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace hubbub {

/// How the server listens, and the limits of a connection. Plain values with their defaults;
/// config.hpp reads them from the command line, the environment and a file.
struct server_config {
  std::string host;          ///< empty: all addresses, `::` dual stack or `0.0.0.0`
  std::uint16_t port = 5005; ///< 0 picks a free one
  /// Where to listen instead of at `host` and `port`; empty: there.
  std::vector<listen_place> listen;
  /// The permissions of sockets in the file system, as those of a file. By default only the
  /// server's user and group may connect, since whoever connects there is believed when it
  /// states a client's address (`trusted_proxies`).
  unsigned socket_mode = 0660;
  /// Listening sockets that whoever started the process has made, served instead of `listen`,
  /// `host` and `port`; they belong to the server. It is not a setting.
  std::vector<int> inherited;
  /// True if the files of `inherited` sockets in the file system are the server's to remove. It
  /// is not a setting.
  bool owns_inherited = false;
  /// True if this server replaces another process, whose clients come to it. It is not a
  /// setting.
  bool is_successor = false;
  /// If false, the server listens nowhere, whatever the fields above say. It is not a setting.
  bool listens = true;
  std::size_t io_threads = 0; ///< 0: one for each core
  /// If false, the server has no threads until it is stopped, and the host runs their work with
  /// `server::run_ready`, so that everything happens in one order on one thread. It is not a
  /// setting.
  bool own_threads = true;
  /// Runs a function, which returns when the server is stopped, on a thread of the host's, and
  /// returns at once; empty: the server makes its own threads. It is not a setting.
  std::function<void(std::function<void()> body)> start_thread;
  /// This server's number among several that share a database, with which its sids begin; 0: it
  /// is alone. It is not a setting: it is the store's `node_id`.
  std::size_t node = 0;
  /// Where other nodes send the requests whose session lives here; none: this node neither
  /// takes nor sends such requests.
  std::optional<tcp_place> node_listen;
  /// What all nodes know and nobody else, so that they take such requests from each other only.
  /// It is not a setting: it is the content of `node_secret_file`.
  std::string node_secret;
  /// Maximum number of requests and WebSockets of one io thread that are under way to one other
  /// node, and of bytes of bodies that wait to be sent to it; more are `overloaded`. A poll is
  /// under way for as long as its client waits. They are not settings.
  std::size_t forwards_per_node = 10'000;
  std::size_t forward_bytes_per_node = 64'000'000;
  /// Returns the addresses of another node's name, on a thread that may wait; empty: the system
  /// does. It is not a setting.
  std::function<std::vector<std::string>(const std::string& host)> look_up;
  /// True if sessions keep the headers of the request that opened them. It is not a setting.
  bool keeps_headers = false;
  engine_config engine;
  socket_config socket;
  std::string cors_origins = "*"; ///< `*`, or origins separated by commas
  bool cors_credentials = false;  ///< with `*`: pages may send credentials
  /// The proxies whose statement about the client's address is believed (`X-Forwarded-For`,
  /// `Forwarded`).
  std::vector<address_block> trusted_proxies;

  connection_bounds bounds;
  /// Returns the bytes that are compared with `bounds.memory_limit`. It is not a setting: tests
  /// have their own.
  std::size_t (*resident_memory)() = hubbub::resident_memory;

  /// PEM files with certificates and their chains, separated by commas; empty: plain HTTP. A
  /// client that names a server (SNI) gets the first one that is valid for the name.
  std::string tls_cert;
  std::string tls_key; ///< PEM files with their keys, in the same order
  /// Files with OCSP responses in DER for the same certificates; each may be left out.
  std::string tls_ocsp;
  /// The value of `Strict-Transport-Security` in answers over TLS; empty: the header is not
  /// sent.
  std::string hsts;
  std::chrono::milliseconds tls_handshake_timeout{10'000}; ///< time to finish the TLS handshake

  /// One HTTP request in so many is written to the log; 0: none.
  std::size_t access_log = 0;

  bool compression = false; ///< permessage-deflate, for WebSockets that offer it
  /// Smallest payload that is compressed; smaller ones hardly shrink.
  std::size_t compression_min_bytes = 256;

  /// Maximum memory that one connection may hold of what its client did not read; above it the
  /// connection ends as `slow_reader`. A page of 200 long messages (3.2 MB) or the result of a
  /// `since` (`max_since_bytes`) fits, and hundreds of slow readers fit into memory.
  std::size_t max_queue_bytes = 4'000'000;
  /// Size of the queue above which volatile frames are dropped: a client that lags hundreds of
  /// events behind has no use for who was typing then.
  std::size_t max_volatile_bytes = 256'000;
  /// Largest head of an HTTP request: the longest URL (`max_url_bytes`) or the longest token
  /// (`max_token_bytes`), and as much again for cookies and headers of proxies.
  std::size_t max_header_bytes = 16'384;
  /// Time to finish an HTTP head. It fits into a dozen packets: even over a bad network that
  /// loses some, it has arrived by then, and a client that sends slowly on purpose holds a
  /// socket no longer.
  std::chrono::milliseconds header_timeout{10'000};
  /// Time to finish a body, and for a client to take an answer. A body of
  /// `max_payload` then needs about 270 kbit/s, and the largest POST of Engine.IO
  /// (`max_post()`) 400, which a bad mobile connection has.
  std::chrono::milliseconds body_timeout{30'000};
  /// Time between requests of one connection. It is longer than a page pauses between two, and
  /// longer than the 60 s after which nginx and most load balancers end an idle connection
  /// themselves: if the server were the first to end it, a request on its way would meet the
  /// end and become a 502.
  std::chrono::milliseconds idle_timeout{75'000};
};

} // namespace hubbub
