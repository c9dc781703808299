#pragma once

#include "actors/chat_actors.hpp"
#include "net/api/api_service.hpp"
#include "net/hubbub_config.hpp"
#include "net/server.hpp"
#include "persistence/store.hpp"
#include "proto/expected.hpp"

#include <memory>
#include <string>
#include <vector>

namespace hubbub {

/// A configuration for an actor system that hosts a chat server. A host that has a system of
/// its own calls `add_chat_types` on its configuration instead.
struct chat_system_config : caf::actor_system_config {
  chat_system_config();
};
void add_chat_types(caf::actor_system_config& config);

/// The whole chat: store, actors, listener, HTTP API. `hubbub serve` is one host of it; any
/// program with an actor system can be another.
///
/// Life: construct, `start()`, `drain()`, `stop()`, destroy; all from one thread that is not an
/// actor's. The actor system outlives it.
class chat_server {
 public:
  chat_server(caf::actor_system& system, const hubbub_config& config);
  ~chat_server(); ///< stops, if that was not done
  chat_server(const chat_server&) = delete;
  chat_server& operator=(const chat_server&) = delete;

  /// Opens the store and listens. The error is one sentence that says what to do.
  [[nodiscard]] expected<void, std::string> start();
  /// `http://HOST:PORT` or `https://…`, once started.
  [[nodiscard]] std::string url() const;

  /// Reads the files again that may change while it runs: certificate and key, the keys of
  /// tokens, the API keys. What cannot be used leaves things as they are; the log says which.
  /// Once started.
  void reload();
  /// Once started: what turns it where `own_threads` is off.
  [[nodiscard]] server& connections() { return *server_; }

  /// Says that it is not ready any more (`GET /readyz`), and goes on serving everything.
  void announce_stop();
  /// Stops accepting, closes the sessions, stores what is on its way and ends every actor.
  /// Returns within seconds; rooms may still be ending then.
  void drain();
  /// Drains, if that was not done, and ends the io threads.
  void stop();

 private:
  [[nodiscard]] server_application application();

  caf::actor_system* system_;
  hubbub_config config_;
  std::unique_ptr<store> store_; // outlives all below
  std::unique_ptr<server> server_;
  chat_actors actors_;
  auth_slots auth_;             // one per io thread
  std::vector<api_actor> apis_; // one per io thread, once started
};

} // namespace hubbub
