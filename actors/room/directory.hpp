#pragma once

#include "actors/interfaces.hpp"
#include "actors/settings.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace hubbub {

/// Makes the actor of a room that wakes up.
using room_spawner = std::function<room_actor(const room_state&, const directory_actor&)>;

/// The actor that knows which rooms are awake, wakes those that are asked for and lets idle
/// ones go. Whoever wants to talk to a room gets a lease here.
class directory : public directory_actor::base {
 public:
  directory(caf::actor_config& config, writer_actor writer, reader_actor reader,
            room_spawner spawn_room, std::size_t max_lookups = chat_settings{}.lookups,
            refusal_book_ptr refusals = std::make_shared<refusal_book>());

  behavior_type make_behavior() override;
  void on_exit() override;

 private:
  struct awake_room {
    room_actor actor;
    std::string name;
    std::uint64_t leases = 0; ///< given out, ever
    std::int64_t members = 0;
  };
  using resolve_promise = caf::typed_response_promise<resolve_outcome>;
  struct waiting {
    resolve_promise promise;
    bool create = false;
    std::optional<std::string> owner = std::nullopt; ///< of the created
  };

  [[nodiscard]] caf::result<resolve_outcome> resolve(const resolve_room& request);
  [[nodiscard]] caf::result<room_outcome> create(const create_room& request);
  void count(const room_outcome& created);
  [[nodiscard]] bool retire(const retire_room& request);
  void look_up(const room_ref& ref);
  void on_found(const room_ref& ref, const state_outcome& found);
  void create_for(const room_ref& ref);
  void fail(const room_ref& ref, const error& why);
  void answer(waiting& entry, resolve_outcome outcome);
  awake_room& wake(const room_state& state);
  [[nodiscard]] room_lease_ptr lease(room_id id, awake_room& room);
  [[nodiscard]] awake_room* find(const room_ref& ref);
  void on_room_down(const caf::actor_addr& address);

  writer_actor writer_;
  reader_actor reader_;
  room_spawner spawn_room_;
  std::size_t max_lookups_;
  refusal_book_ptr refusals_; ///< of the thread
  std::size_t waiting_ = 0;   ///< in all lookups together
  std::uint64_t refused_ = 0; ///< since too many were
  std::unordered_map<room_id, awake_room> rooms_;
  std::unordered_map<std::string, room_id> names_;    ///< of awake rooms
  std::unordered_map<caf::actor_id, room_id> actors_; ///< of awake rooms
  std::uint64_t retired_ = 0;                         ///< rooms that went, ever
  std::map<room_ref, std::vector<waiting>> lookups_;  ///< asked for while the store is asked
};

} // namespace hubbub
