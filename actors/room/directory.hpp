#pragma once

#include "actors/interfaces.hpp"
#include "actors/room/awake_rooms.hpp"
#include "actors/room/room_lookups.hpp"
#include "actors/settings.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

namespace hubbub {

/// Makes the actor of a room that wakes up.
using room_spawner = std::function<room_actor(const room_state&, const directory_actor&)>;

/// The actor that knows which rooms are awake, wakes rooms on request and lets idle ones go. An
/// actor that wants to talk to a room gets a lease here.
class directory : public directory_actor::base {
 public:
  directory(caf::actor_config& config, writer_actor writer, reader_actor reader,
            room_spawner spawn_room, std::size_t max_lookups = chat_settings{}.lookups,
            refusal_counter_ptr refusals = std::make_shared<refusal_counter>(),
            hook_desk_actor host = {}, bool is_shared = false);

  behavior_type make_behavior() override;
  void on_exit() override;

 private:
  [[nodiscard]] caf::result<resolve_outcome> resolve(const resolve_room& request);
  [[nodiscard]] caf::result<room_outcome> create(const op::create_room& request);
  [[nodiscard]] caf::result<counts_outcome> count(const count_members& request);
  [[nodiscard]] std::vector<std::int64_t>
  totals(const std::vector<room_id>& rooms,
         const std::unordered_map<room_id, std::int64_t>& asleep);
  void note_creation(const room_outcome& created);
  [[nodiscard]] bool retire(const retire_room& request);
  void forget(const std::optional<awake_room>& gone);
  void look_up(const room_ref& ref);
  void on_found(const room_ref& ref, const state_outcome& found);
  void create_for(const room_ref& ref);
  void fail(const room_ref& ref, const error& why);
  awake_room& wake(const room_state& state);
  [[nodiscard]] static room_lease_ptr lease(awake_room& room);
  void watch_rooms_for(const room_watcher& watcher);

  writer_actor writer_;
  reader_actor reader_;
  room_spawner spawn_room_;
  refusal_counter_ptr refusals_; ///< the counter of this thread
  hook_desk_actor host_;         ///< is told of new rooms; null if nobody wants to know
  bool is_shared_;               ///< rooms that sleep here may have members on other nodes
  awake_rooms rooms_;
  room_lookups lookups_;
  std::vector<room_watcher> watchers_; ///< who is told of rooms that wake
};

} // namespace hubbub
