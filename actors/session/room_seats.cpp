#include "actors/session/room_seats.hpp"

#include "actors/room/room_lease.hpp"

#include <algorithm>
#include <string>
#include <variant>

namespace hubbub {

void room_seats::take(const room_lease_ptr& room) {
  auto& [seats, joins, missed] = own();
  auto& taken = seats.try_emplace(room->id(), room_seat{room, false, joins}).first->second;
  ++taken.joins;
  taken.leaving = false;
}

void room_seats::take_back(const room_lease_ptr& room) {
  own().seats.emplace(room->id(), room_seat{room, true});
}

void room_seats::leave(room_id room, bool is_recoverable) {
  if (!own_) return;
  auto& seats = own_->seats;
  const auto found = seats.find(room);
  if (found == seats.end()) return;
  if (is_recoverable)
    found->second.leaving = true;
  else
    seats.erase(found);
}

void room_seats::hear(const join_outcome& outcome) {
  if (!own_) return;
  auto& [seats, joins, missed] = *own_;
  const auto& [room, join, is_in] = outcome;
  if (is_in) // and it was told of its gap
    std::erase_if(missed, [id = room](const owed_gap& gap) { return gap.room == id; });
  const auto found = seats.find(room);
  if (found == seats.end()) return;
  auto& taken = found->second;
  if (join > 0 && join < taken.since) return; // it has left since
  if (join == 0) {
    taken.leaving = false;
    taken.recovered = taken.recovered && is_in;
  } else if (taken.joins > 0) {
    --taken.joins;
  }
  if (taken.joins == 0 && !is_in && !taken.recovered) seats.erase(found);
}

void room_seats::hear_all(std::vector<join_outcome>& outcomes) {
  for (const auto& each : std::exchange(outcomes, {}))
    hear(each);
}

std::vector<room_lease_ptr> room_seats::leave_all() {
  std::vector<room_lease_ptr> rooms;
  for_each([&rooms](const room_lease_ptr& room) { rooms.push_back(room); });
  if (own_) own_->seats.clear();
  return rooms;
}

bool room_seats::has_free(std::size_t max) const {
  if (!own_ || own_->seats.size() < max) return max > 0;
  const auto taken =
      std::ranges::count_if(own_->seats, [](const auto& each) { return !each.second.leaving; });
  return static_cast<std::size_t>(taken) < max;
}

room_lease_ptr room_seats::find(const room_ref& room) const {
  if (!own_) return nullptr;
  const auto& seats = own_->seats;
  if (const auto* id = std::get_if<room_id>(&room)) {
    const auto found = seats.find(*id);
    return found == seats.end() ? nullptr : found->second.room;
  }
  for (const auto& [id, taken] : seats)
    if (taken.room->name() == std::get<std::string>(room)) return taken.room;
  return nullptr;
}

const missed_rooms& room_seats::missed() const {
  static const missed_rooms none;
  return own_ ? own_->missed : none;
}

std::optional<sequence> room_seats::missed_from(room_id room) const {
  const auto& gaps = missed();
  const auto found = std::ranges::find(gaps, room, &owed_gap::room);
  if (found == gaps.end()) return std::nullopt;
  return found->from;
}

} // namespace hubbub
