#pragma once

#include "actors/chat_actors.hpp"
#include "actors/spawn_chat.hpp"
#include "net/api/api_service.hpp"
#include "net/hubbub_config.hpp"
#include "net/server.hpp"
#include "net/trace/recorder_file.hpp"
#include "persistence/store.hpp"
#include "proto/expected.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace hubbub {

/// Registers the types of messages that a chat server needs, before its actor system is made.
void add_chat_types(caf::actor_system_config& config);

/// The whole chat: store, actors, listener, HTTP API. A `broker` has it inside.
///
/// Life cycle: construct, `start()`, `drain()`, `stop()`, destroy, all from one thread that is
/// not an actor's. The actor system outlives it.
class chat_server {
 public:
  chat_server(caf::actor_system& system, const hubbub_config& config);
  ~chat_server(); ///< stops, if that was not done
  chat_server(const chat_server&) = delete;
  chat_server& operator=(const chat_server&) = delete;

  /// Opens the store and listens. The error is one sentence that says what to do.
  [[nodiscard]] expected<void, std::string> start();
  /// Returns `http://HOST:PORT`, `https://…` or `unix:PATH`, all of them with commas between.
  /// Only after `start`.
  [[nodiscard]] std::string url() const;

  /// Reads the files again that may change while it runs: certificate and key, the keys of
  /// tokens, the API keys. If a file cannot be used, the old content stays in use; the log says
  /// which. Only after `start`.
  void reload();
  /// Returns the server, which a host must run itself if `own_threads` is off. Only after
  /// `start`.
  [[nodiscard]] server& connections() { return *server_; }

  /// Says what to do when somebody on call wants the server to be drained and stopped
  /// (`POST /api/admin/drain`): `act` is called on an io thread, and must have another thread
  /// call `drain`. Without it such requests are refused. Before `start`.
  void on_drain_wanted(std::function<void()> act) { drain_wanted_ = std::move(act); }
  /// Says who makes the desks by which the program around the chat is asked: `open` is called
  /// once, by `start`, when the io threads exist. Before `start`.
  void on_desks_wanted(std::function<hook_desks(const std::vector<io_thread_handle>&)> open) {
    open_desks_ = std::move(open);
  }
  /// Serves a namespace beside the chat. Before `start`.
  void serve_beside(const std::string& nsp, application_factory make) {
    beside_[nsp] = std::move(make);
  }
  /// Returns the actors of the chat, for guests. Only after `start`.
  [[nodiscard]] const chat_actors& actors() const { return actors_; }
  /// Takes an actor on one of the io threads, which ends before the rooms do.
  void take_guest(caf::actor guest) { guests_.push_back(std::move(guest)); }

  /// Reports from now on that it is not ready (`GET /readyz`), and goes on serving everything.
  void announce_stop();
  /// Returns the sockets that it listens at, for a process that is to replace this one. Only
  /// after `start`.
  [[nodiscard]] std::vector<int> listening() { return server_->listening(); }
  /// Returns how many sessions are open.
  [[nodiscard]] std::size_t sessions();
  /// Leaves the sockets, the store and the files to another process: stops accepting, commits
  /// and answers what has arrived, ends the chat and closes the store. What sessions send from
  /// then on is not taken, and they are told nothing more; close them with
  /// `connections().empty` and then `drain`. Returns when the last commit was over, however
  /// long the disk takes for it. Only after `start`; another thread may call `connections()`
  /// meanwhile.
  std::chrono::steady_clock::time_point hand_over();

  /// Stops accepting, closes the sessions, stores what is on its way and ends every actor.
  /// Returns within seconds; rooms may still be ending then.
  void drain();
  /// Drains, if that was not done, and ends the io threads.
  void stop();

 private:
  [[nodiscard]] server_application application();
  /// Ends the chat's actors, and returns when they have ended, or after some seconds if it may
  /// not take however long it takes.
  void end_chat(bool however_long_it_takes = false);
  /// Listens for other nodes, and says how they reach this one; without `node_listen` they do
  /// not.
  [[nodiscard]] expected<node_links, std::string> link_nodes();
  /// Waits until it is known which other nodes there are, whose sessions the first clients may
  /// ask for; not for long.
  void await_nodes();
  /// Leaves the flight recorder's file to another process.
  void leave_recorder();
  /// Opens the flight recorder's file. A server that cannot does without, and says so.
  void open_recorder();
  [[nodiscard]] std::vector<chat_thread> chat_threads();
  [[nodiscard]] std::vector<stats_source> stats_sources();

  caf::actor_system* system_;
  hubbub_config config_;
  std::unique_ptr<recorder_file> recorder_; // like the store, outlives everything below
  std::shared_ptr<store> store_;
  std::unique_ptr<server> server_;
  chat_actors actors_;
  auth_slots auth_;             // one for each io thread
  trace_teller_actor trace_;    // null without a recorder
  std::vector<api_actor> apis_; // one for each io thread, after `start`
  std::function<void()> drain_wanted_;
  std::function<hook_desks(const std::vector<io_thread_handle>&)> open_desks_;
  namespace_factories beside_;
  std::promise<void> nodes_known_; // fulfilled once the first report has come
  std::vector<caf::actor> guests_;
  bool announced_ = false; // that it is about to stop
  bool drained_ = false;
};

} // namespace hubbub
