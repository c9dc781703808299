#include "actors/room/awake_rooms.hpp"

#include <variant>

namespace hubbub {

awake_room& awake_rooms::add(const awake_room& room) {
  names_.emplace(room.name, room.id);
  actors_.emplace(room.actor_id, room.id);
  return rooms_.try_emplace(room.id, room).first->second;
}

void awake_rooms::retire(room_id id) {
  ++retired_;
  erase(id);
}

void awake_rooms::drop(caf::actor_id actor) {
  if (const auto found = actors_.find(actor); found != actors_.end()) erase(found->second);
}

void awake_rooms::erase(room_id id) {
  const auto room = rooms_.find(id);
  if (room == rooms_.end()) return;
  names_.erase(room->second.name);
  actors_.erase(room->second.actor_id);
  rooms_.erase(room);
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
