#pragma once

#include "actors/interfaces.hpp"

#include <memory>
#include <vector>

namespace hubbub {

/// The actors of which a chat has one set, and what goes with them. Rooms and sessions come and
/// go. A new one belongs into `for_each_actor` too.
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
  bus_handle bus;       ///< none without a bus
  bridge_handle bridge; ///< none without a bridge
  /// The node's lease, and who is on other nodes; as `log_reader`.
  lease_actor lease;
  presence_actor presence;
  directory_actor directory;
  recovery_actor recovery;
  recovery_secret secret{}; ///< the store's secret
  limiter_actor limiter;
  rate_accounts_by_thread accounts;
  connection_counter_actor connection_counter;
  refusal_counters refusals; ///< one for each io thread
  hook_desks hooks;          ///< which end by themselves, before the others
};

/// Calls `f` with each actor, in the order in which they end: those that ask come before those
/// that they ask. A handle is null where the store needs no such actor.
template <class F>
void for_each_actor(const chat_actors& all, const F& f) {
  // Naming every member makes a new one fail to compile until it has been thought of here.
  const auto& [writer, upkeep, gates, readers, searcher, log_reader, head_poll, bus, bridge,
               lease, presence, directory, recovery, secret, limiter, accounts,
               connection_counter, refusals, hooks] = all;
  f(bridge.actor);
  f(bridge.desk);
  f(upkeep);
  f(recovery);
  f(limiter);
  f(connection_counter);
  f(head_poll);
  f(log_reader);
  f(directory);
  for (const auto& gate : gates)
    f(gate);
  for (const auto& reader : readers)
    f(reader);
  f(searcher);
  f(writer);
  f(presence);
  f(lease);
  f(bus.actor);
}

} // namespace hubbub
