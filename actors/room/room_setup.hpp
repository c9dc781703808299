#pragma once

#include "actors/interfaces.hpp"
#include "actors/settings.hpp"
#include "actors/store/store_actors.hpp"

#include <memory>
#include <vector>

namespace hubbub {

/// What all rooms of a server share.
struct room_setup {
  std::vector<relay_actor> relays; ///< one for each io thread
  std::vector<write_gate_actor>
      /// One for each io thread; a room uses the one at its id modulo their number.
      gates;
  writer_actor writer; ///< to be watched; all writes go through the gates
  std::vector<reader_actor> readers;
  reader_actor searcher;
  directory_actor directory;
  chat_settings settings;
  wall_clock now = wall_clock_now;
  refusal_counters refusals = {}; ///< one for each io thread
  /// Reads what other nodes wrote; none if this server is the only one that writes the store.
  reader_actor log_reader = {};
  bus_handle bus = {};          ///< tells other nodes, and hears from them; none without a bus
  presence_actor presence = {}; ///< knows who is on other nodes; none without other nodes
  hook_desks hooks = {};        ///< by which the program around the chat is asked
};
using room_setup_ptr = std::shared_ptr<const room_setup>;

} // namespace hubbub
