#pragma once

#include "actors/bridge/bridge_link.hpp"
#include "actors/bus/bus_link.hpp"
#include "actors/chat_actors.hpp"
#include "actors/presence/presence_link.hpp"
#include "actors/runtime/pinned.hpp"
#include "actors/session/authenticator.hpp"
#include "actors/session/session.hpp"
#include "actors/session/side_namespaces.hpp"
#include "actors/settings.hpp"
#include "actors/store/store_health.hpp"

#include <chrono>
#include <memory>
#include <string>
#include <vector>

namespace hubbub {

/// The parts of an io thread that the chat uses.
struct chat_thread {
  io_unit* unit = nullptr;
  relay_actor relay;
  flight_recorder* recorder = nullptr; ///< outlives the actors; none: nothing is recorded
};

/// What a node tells the others of itself, and is told of them and of its lease. All watches
/// may be empty.
struct node_links {
  std::string url = {};      ///< how they reach it; empty: they do not
  std::string settings = {}; ///< as in `node_settings`
  node_watch on_nodes = {};
  lease_watch on_lease = {};
  settings_watch on_settings = {};
  dismissal_watch on_dismissed = {};
};

/// Spawns the chat over running io threads: the writer, its upkeep and the readers detached,
/// the directory and the recovery on the first thread, rooms spread over all threads by their
/// id. `opened` outlives the actors. A store that one thread must use is used on the thread of
/// `store_unit`. `watch` is told of changes of the store's health, on the writer's thread.
/// With a `bus` other nodes are told at once what this one wrote. By `hooks` the program around
/// the chat is asked. `links` concern a store that several nodes share. With a `bridge`
/// programs of Socket.IO's ecosystem send events.
[[nodiscard]] chat_actors
spawn_chat(caf::actor_system& system, store& opened, const std::vector<chat_thread>& threads,
           const chat_settings& settings, io_unit* store_unit = nullptr,
           const store_watch& watch = {}, const std::shared_ptr<bus_setup>& bus = nullptr,
           const hook_desks& hooks = {}, const node_links& links = {},
           const std::shared_ptr<bridge_setup>& bridge = nullptr);

/// Returns the factory of the application that runs on each connection's session. `beside`
/// make what serves other namespaces.
[[nodiscard]] application_factory make_chat(const chat_actors& actors,
                                            const chat_settings& settings,
                                            const auth_slots& auth,
                                            namespace_factories beside = {});

/// How long a shutdown waits for the last commit.
inline constexpr std::chrono::seconds flush_patience{4};

/// Returns true when everything that was sent to the store's gates is committed and answered;
/// false if a gate or the writer has not answered within `patience`.
bool flush_chat(caf::actor_system& system, const chat_actors& actors,
                std::chrono::milliseconds patience = flush_patience);

/// Ends the rooms, the directory, the recovery and the readers, and then the writer, after
/// everything that was sent to it. Call when no session is left; then wait for the actors to be
/// done.
void stop_chat(caf::actor_system& system, chat_actors& actors);

} // namespace hubbub
