#pragma once

#include "actors/interfaces.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>

namespace hubbub {

/// A room that has an actor.
struct awake_room {
  room_id id;
  std::string name;
  room_actor actor;
  caf::actor_id actor_id = 0;
  std::uint64_t leases = 0; ///< leases given out so far
  std::int64_t members =
      0; ///< number of users, at first those on other nodes, then as the room reported it last
};

/// The rooms that are awake, found by id, by name and by the id of their actor.
class awake_rooms {
 public:
  /// Adds a room, which must not be in the table.
  awake_room& add(const awake_room& room);
  /// Removes a room and returns it; nothing if it is not awake.
  std::optional<awake_room> take(room_id id);
  /// Removes the room of an actor that has ended, if it is still in the table.
  std::optional<awake_room> take_of(caf::actor_id actor);

  /// Returns the room; null if it is not awake.
  [[nodiscard]] awake_room* find(const room_ref& room);
  [[nodiscard]] awake_room* find(room_id id);
  [[nodiscard]] std::size_t size() const { return rooms_.size(); }

  template <class F>
  void for_each(const F& f) {
    for (auto& [id, room] : rooms_)
      f(room);
  }
  template <class F>
  void for_each(const F& f) const {
    for (const auto& [id, room] : rooms_)
      f(room);
  }
  void clear();

 private:
  std::unordered_map<room_id, awake_room> rooms_;
  std::unordered_map<std::string, room_id> names_;
  std::unordered_map<caf::actor_id, room_id> actors_;
};

} // namespace hubbub
