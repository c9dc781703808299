#include "actors/relay.hpp"

#include <algorithm>
#include <variant>

namespace hubbub {

relay::relay(caf::actor_config& config) : relay_actor::base(config) {}

relay::behavior_type relay::make_behavior() {
  return {
      [this](const relay_orders& orders) {
        for (const auto& order : orders)
          std::visit([this](const auto& o) { obey(o); }, order);
      },
      [this](const attach_connection& request) { on_attach(request); },
      [this](const detach_connection& request) { on_detach(request.session); },
      [this](caf::get_atom) {
        return relay_stats{delivered_, listeners_.size()};
      },
  };
}

void relay::on_exit() {
  audiences_.clear();
  listeners_.clear();
}

void relay::obey(const fan_out& order) {
  const auto found = audiences_.find(order.room);
  if (found == audiences_.end()) return;
  for (const auto& seat : found->second.seats) {
    if (seat.session.life != seat.to->life) continue; // on its way out
    if (!order.except.empty() &&
        std::ranges::find(order.except, seat.session) != order.except.end())
      continue;
    if (order.is_volatile)
      seat.to->send_volatile(order.what);
    else
      seat.to->send(order.what);
    ++delivered_;
  }
}

void relay::obey(const reply& order) {
  if (const auto found = listeners_.find(order.session); found != listeners_.end())
    answer(*found->second.to, order.session, order.what);
}

void relay::obey(const tell& order) {
  const auto found = listeners_.find(order.session);
  if (found == listeners_.end()) return;
  auto& to = *found->second.to;
  if (order.session.life == to.life) to.send(order.what);
}

void relay::obey(const enter_room& order) {
  const auto found = listeners_.find(order.session);
  if (found == listeners_.end()) return;
  auto& [to, rooms] = found->second;
  answer(*to, order.session, order.what);
  auto& [seats, places] = audiences_[order.room];
  if (!places.try_emplace(order.session, seats.size()).second) return;
  seats.push_back({order.session, to.get()});
  rooms.push_back(order.room);
}

void relay::obey(const exit_room& order) {
  const auto found = listeners_.find(order.session);
  if (found == listeners_.end()) return;
  if (std::erase(found->second.rooms, order.room) > 0) leave(order.room, order.session);
  if (order.answers) answer(*found->second.to, order.session, order.what);
}

void relay::on_attach(const attach_connection& request) {
  listeners_.try_emplace(request.session, listener{request.to, {}});
}

void relay::on_detach(session_id session) {
  const auto found = listeners_.find(session);
  if (found == listeners_.end()) return;
  for (const auto room : found->second.rooms)
    leave(room, session);
  listeners_.erase(found);
}

void relay::leave(room_id room, session_id session) {
  const auto found = audiences_.find(room);
  if (found == audiences_.end()) return;
  auto& [seats, places] = found->second;
  const auto place = places.find(session);
  if (place == places.end()) return;
  // The last seat moves into the gap, so that the others stay dense.
  const auto index = place->second;
  places.erase(place);
  if (index + 1 != seats.size()) {
    seats[index] = seats.back();
    places[seats[index].session] = index;
  }
  seats.pop_back();
  if (seats.empty()) audiences_.erase(found);
}

void relay::answer(connection& to, session_id session, const frame_ptr& what) {
  if (session.life != to.life) return;
  if (to.requests_in_flight > 0) --to.requests_in_flight;
  if (what) to.send(what);
}

} // namespace hubbub
