#pragma once

#include <caf/expected.hpp>
#include <hubbub/broker_config.hpp>
#include <hubbub/errc.hpp>
#include <hubbub/export.hpp>
#include <hubbub/gateway.hpp>
#include <hubbub/version.hpp>

#include <cstdint>
#include <memory>
#include <string>

namespace caf {
class actor_system;
class actor_system_config;
} // namespace caf

namespace hubbub {

/// The chat inside a program that has an actor system of its own.
///
/// Life cycle: `configure`, then the host's `caf::actor_system`, then a broker over it;
/// `start`; `drain` and `stop`, or just the destructor. The system outlives the broker. All of
/// it is called from one thread, which is no actor's: `start`, `drain` and `stop` wait.
class HUBBUB_EXPORT broker {
 public:
  /// Registers the types of messages and the category of errors. Call it once, before the actor
  /// system is made.
  static void configure(caf::actor_system_config& config);

  broker(caf::actor_system& system, broker_config config);
  ~broker(); ///< stops, if that was not done
  broker(const broker&) = delete;
  broker& operator=(const broker&) = delete;

  /// Opens the store, starts the threads and listens. Returns no error, or `errc::bad_config`
  /// or `errc::cannot_start` with a sentence that says what to do; then nothing runs. It cannot
  /// be called again.
  [[nodiscard]] caf::error start();
  /// True from a successful `start` to `stop`.
  [[nodiscard]] bool running() const;
  /// Returns `http://HOST:PORT`, `https://…` or `unix:PATH`, all of them with commas between;
  /// empty if it listens nowhere or does not run.
  [[nodiscard]] std::string url() const;
  /// Returns the first port it listens on; 0 if there is none.
  [[nodiscard]] std::uint16_t port() const;

  /// Returns the way in for actors, which is there from a successful `start` to `drain`; null
  /// otherwise.
  [[nodiscard]] gateway_actor gateway() const;

  /// Publishes the gateway on a port of this node, for `remote_gateway` on others; port 0 picks
  /// a free one. Returns the port. The host has loaded CAF's middleman. Whoever can reach the
  /// port may do everything that a gateway can: by default that is this machine.
  [[nodiscard]] caf::expected<std::uint16_t> publish(std::uint16_t port,
                                                     const std::string& address = "127.0.0.1");

  /// Reads the files again that may change: certificate and key, keys of tokens, API keys. What
  /// cannot be used leaves the old content in use.
  void reload();
  /// Runs what is ready on the calling thread, and what becomes ready by it, if `own_threads`
  /// is off. True if there was anything.
  bool run_ready();
  /// Serves a connected stream socket as if it had been accepted; it belongs to the broker now.
  void serve(int descriptor);

  /// Reports from now on that it is not ready (`GET /readyz`), and goes on serving everything:
  /// for load balancers, some time before `drain`.
  void announce_stop();
  /// Stops accepting, closes every connection in a way after which clients come back, stores
  /// what is on its way and ends the rooms. Takes some seconds at most.
  void drain();
  /// Drains, if that was not done, and ends the threads.
  void stop();

 private:
  class impl;
  friend class broker_door; // by which the program `hubbub` sets what hosts cannot
  explicit broker(std::unique_ptr<impl> made);

  std::unique_ptr<impl> impl_;
};

} // namespace hubbub
