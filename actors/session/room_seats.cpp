#include "actors/session/room_seats.hpp"

#include "actors/room/room_lease.hpp"

#include <algorithm>
#include <string>
#include <variant>

namespace hubbub {

void room_seats::take(const room_lease_ptr& room) {
  auto& taken = seats_.try_emplace(room->id(), room_seat{room, false, joins_}).first->second;
  ++taken.joins;
  taken.leaving = false;
}

void room_seats::take_back(const room_lease_ptr& room) {
  seats_.emplace(room->id(), room_seat{room, true});
}

void room_seats::leave(room_id room, bool is_recoverable) {
  const auto found = seats_.find(room);
  if (found == seats_.end()) return;
  if (is_recoverable)
    found->second.leaving = true;
  else
    seats_.erase(found);
}

void room_seats::hear(const join_outcome& outcome) {
  const auto& [room, join, is_in] = outcome;
  if (is_in) // and it was told of its gap
    std::erase_if(missed_, [id = room](const owed_gap& gap) { return gap.room == id; });
  const auto found = seats_.find(room);
  if (found == seats_.end()) return;
  auto& taken = found->second;
  if (join > 0 && join < taken.since) return; // it has left since
  if (join == 0) {
    taken.leaving = false;
    taken.recovered = taken.recovered && is_in;
  } else if (taken.joins > 0) {
    --taken.joins;
  }
  if (taken.joins == 0 && !is_in && !taken.recovered) seats_.erase(found);
}

std::vector<room_lease_ptr> room_seats::leave_all() {
  std::vector<room_lease_ptr> rooms;
  rooms.reserve(seats_.size());
  for_each([&rooms](const room_lease_ptr& room) { rooms.push_back(room); });
  seats_.clear();
  return rooms;
}

bool room_seats::has_free(std::size_t max) const {
  if (seats_.size() < max) return true;
  const auto taken =
      std::ranges::count_if(seats_, [](const auto& each) { return !each.second.leaving; });
  return static_cast<std::size_t>(taken) < max;
}

room_lease_ptr room_seats::find(const room_ref& room) const {
  if (const auto* id = std::get_if<room_id>(&room)) {
    const auto found = seats_.find(*id);
    return found == seats_.end() ? nullptr : found->second.room;
  }
  for (const auto& [id, taken] : seats_)
    if (taken.room->name() == std::get<std::string>(room)) return taken.room;
  return nullptr;
}

std::optional<sequence> room_seats::missed_from(room_id room) const {
  const auto found = std::ranges::find(missed_, room, &owed_gap::room);
  if (found == missed_.end()) return std::nullopt;
  return found->from;
}

} // namespace hubbub
