#pragma once

#include "actors/session/session.hpp"
#include "net/http/http_exchange.hpp"
#include "net/io/io_thread_handle.hpp"
#include "net/io/server_config.hpp"
#include "net/io/server_stats.hpp"
#include "persistence/node_lease.hpp"
#include "proto/expected.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace hubbub {

class engine_connection;
class engine_consumer;
class engine_endpoint;
class io_thread;

/// The program on top of the server. Its parts are made once for each io thread, on the thread
/// that calls `server::start`.
struct server_application {
  /// Makes the application of one Socket.IO session at `/socket.io/`.
  application_factory on_socket_io;
  /// Makes the handler of plain HTTP for one io thread; may be empty (then every path is 404).
  std::function<std::unique_ptr<http_handler>(const io_thread_handle&)> http;
  /// Makes the consumer of a bare Engine.IO session at `/engine.io/`; may be empty (then there
  /// is no such path). For tests and the conformance server.
  std::function<std::unique_ptr<engine_consumer>(
      io_thread& thread, const std::shared_ptr<engine_connection>& connection)>
      on_engine_io = {};
};

/// Calls a function with each session of an io thread, which must close none.
using session_walk = std::function<void(const std::function<void(engine_connection&)>& look)>;
/// Does something on an io thread, to its endpoints.
using thread_act =
    std::function<void(io_thread& thread, const std::vector<engine_endpoint*>& endpoints)>;
/// Looks at what belongs to one io thread, on that thread. `thread` is its index.
using thread_look = std::function<void(std::size_t thread, const session_walk& sessions)>;

/// The io threads, the listener and everything between a socket and the actors. It embeds into
/// any actor system: `main.cpp` is one user, a larger program another.
///
/// Life cycle: construct, `thread_handles()` to spawn pinned actors, `start()`, `stop()`,
/// destroy; all from one thread. The actor system outlives the server.
class server {
 public:
  server(caf::actor_system& system, const server_config& config);
  ~server(); ///< stops, if that was not done

  /// Returns the io threads' execution units and relays. They exist from construction on, and
  /// also run, unless the host runs them.
  [[nodiscard]] const std::vector<io_thread_handle>& thread_handles() const;

  /// Has each io thread record steps in its recorder, which outlives the server. Call before
  /// `start`.
  void record_in(const std::vector<flight_recorder*>& recorders);

  /// Binds and listens at `node_listen`, where other nodes wait until `start`. Returns the
  /// place with its port, or one sentence that says what to do. At most once, before `start`; a
  /// server on which it is not called neither takes requests of other nodes nor passes any on.
  [[nodiscard]] expected<tcp_place, std::string> open_to_nodes();
  /// Takes the other nodes that can be reached from now on. Called on any thread, until `stop`.
  void know_nodes(const std::vector<node_place>& nodes);

  /// Reads the certificate, binds and listens. The error is one sentence that says what to do.
  [[nodiscard]] expected<void, std::string> start(server_application app);
  /// Returns the first port it listens on; 0 if it has none. Only after `start`.
  [[nodiscard]] std::uint16_t port() const;
  /// Returns `http://HOST:PORT` or `https://…`, with `localhost` for all addresses, or
  /// `unix:PATH`; all of them with commas between.
  [[nodiscard]] std::string url() const;

  /// Reads the certificate and its key again, for new connections. If they cannot be used (the
  /// error is one sentence), the old ones stay in use. Does nothing without TLS.
  [[nodiscard]] expected<void, std::string> reload_tls();

  /// Runs ready handlers on the calling thread, and those that become ready by it; for a server
  /// without threads of its own. True if there were any.
  bool run_ready();
  /// Serves a connected stream socket as if it had been accepted. The descriptor belongs to the
  /// server from now on. Only after `start`.
  void serve(int descriptor);

  /// Returns the sockets that it listens at, for a process that is to replace this one. Only
  /// after `start`.
  [[nodiscard]] std::vector<int> listening();
  /// Stops accepting, and leaves the rest as it is. Clients that connect wait in the sockets
  /// for another process that has them too.
  void stop_accepting();
  /// Has `act` called once on every io thread, and returns when it was. The threads do not wait
  /// for one another, so `act` must not write what they share.
  void everywhere(const thread_act& act);

  /// Closes all sessions, spread over a time, in a way after which clients reconnect; none is
  /// opened any more, and everything else is served. Calls `done` on an io thread once none is
  /// left. Call `close_sessions` afterwards, at any time.
  void empty(std::chrono::milliseconds time, std::function<void()> done);
  /// Stops accepting, and closes every session in a way after which clients reconnect. Returns
  /// when all have gone or after `patience`, whichever is first. The io threads go on running,
  /// so that actors can end.
  void close_sessions(std::chrono::milliseconds patience);
  /// Ends the io threads. No actor pinned to them may be left alive.
  void stop();

  /// Asks every io thread for its counters; `done` is called on the io thread `home`.
  void collect_stats(const io_thread_handle& home,
                     std::function<void(const server_stats&)> done);
  /// Has `look` called once on every io thread, and then `done` on the io thread `home`. The
  /// threads do not wait for one another, so `look` must not write what they share.
  void look_around(std::size_t home, const thread_look& look, std::function<void()> done);

 private:
  class impl;
  std::unique_ptr<impl> impl_;
};

} // namespace hubbub
