#pragma once

#include "actors/interfaces.hpp"
#include "actors/runtime/pinned.hpp"
#include "actors/session/authenticator.hpp"
#include "actors/session/session.hpp"
#include "actors/settings.hpp"
#include "actors/store/store_health.hpp"

#include <memory>
#include <vector>

namespace hubbub {

/// The parts of an io thread that the chat uses.
struct chat_thread {
  io_unit* unit = nullptr;
  relay_actor relay;
};

/// The actors of which a chat has one set. Rooms and sessions come and go.
struct chat_actors {
  writer_actor writer;
  upkeep_actor upkeep;                 ///< none for a store that has no upkeep
  std::vector<write_gate_actor> gates; ///< one for each io thread
  std::vector<reader_actor> readers;
  reader_actor searcher; ///< a reader for searches only
  /// Reads what other nodes wrote, and the actor that looks for it; only for a store that
  /// several nodes share.
  reader_actor log_reader;
  head_poll_actor head_poll;
  directory_actor directory;
  recovery_actor recovery;
  recovery_secret secret{}; ///< the store's secret
  limiter_actor limiter;
  rate_accounts_by_thread accounts;
  connection_counter_actor connection_counter;
  refusal_counters refusals; ///< one for each io thread
};

/// Spawns the chat over running io threads: the writer, its upkeep and the readers detached,
/// the directory and the recovery on the first thread, rooms spread over all threads by their
/// id. `opened` outlives the actors. A store that one thread must use is used on the thread of
/// `store_unit`. `watch` is told of changes of the store's health, on the writer's thread.
[[nodiscard]] chat_actors spawn_chat(caf::actor_system& system, store& opened,
                                     const std::vector<chat_thread>& threads,
                                     const chat_settings& settings,
                                     io_unit* store_unit = nullptr,
                                     const store_watch& watch = {});

/// Returns the factory of the application that runs on each connection's session.
[[nodiscard]] application_factory
make_chat(const chat_actors& actors, const chat_settings& settings, const auth_slots& auth);

/// Ends the rooms, the directory, the recovery and the readers, and then the writer, after
/// everything that was sent to it. Call when no session is left; then wait for the actors to be
/// done.
void stop_chat(caf::actor_system& system, chat_actors& actors);

} // namespace hubbub
