#include "actors/room/awake_rooms.hpp"

#include <utility>
#include <variant>

namespace hubbub {

awake_room& awake_rooms::add(const awake_room& room) {
  names_.emplace(room.name, room.id);
  actors_.emplace(room.actor_id, room.id);
  return rooms_.try_emplace(room.id, room).first->second;
}

std::optional<awake_room> awake_rooms::take(room_id id) {
  auto taken = rooms_.extract(id);
  if (taken.empty()) return std::nullopt;
  names_.erase(taken.mapped().name);
  actors_.erase(taken.mapped().actor_id);
  return std::move(taken.mapped());
}

std::optional<awake_room> awake_rooms::take_of(caf::actor_id actor) {
  const auto found = actors_.find(actor);
  if (found == actors_.end()) return std::nullopt;
  return take(found->second);
}

awake_room* awake_rooms::find(const room_ref& room) {
  if (const auto* id = std::get_if<room_id>(&room)) return find(*id);
  const auto found = names_.find(std::get<std::string>(room));
  return found == names_.end() ? nullptr : find(found->second);
}

awake_room* awake_rooms::find(room_id id) {
  const auto found = rooms_.find(id);
  return found == rooms_.end() ? nullptr : &found->second;
}

void awake_rooms::clear() {
  rooms_.clear();
  names_.clear();
  actors_.clear();
}

} // namespace hubbub
