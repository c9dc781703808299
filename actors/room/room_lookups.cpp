#include "actors/room/room_lookups.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace hubbub {

bool room_lookups::refuse() {
  if (waiting_ < max_) return false;
  ++refused_;
  return true;
}

bool room_lookups::add(const room_ref& room, waiting question) {
  ++waiting_;
  auto& queue = queues_[room];
  queue.push_back(std::move(question));
  return queue.size() == 1;
}

bool room_lookups::wants_creation(const room_ref& room) const {
  const auto found = queues_.find(room);
  return found != queues_.end() && std::ranges::any_of(found->second, &waiting::create);
}

std::optional<std::string> room_lookups::owner(const room_ref& room) const {
  const auto found = queues_.find(room);
  if (found == queues_.end() || found->second.empty()) return std::nullopt;
  return found->second.front().owner;
}

std::vector<room_lookups::waiting> room_lookups::take_mere_lookers(const room_ref& room) {
  auto& queue = queues_[room];
  const auto lookers = std::stable_partition(queue.begin(), queue.end(),
                                             [](const waiting& each) { return each.create; });
  std::vector<waiting> taken(std::make_move_iterator(lookers),
                             std::make_move_iterator(queue.end()));
  queue.erase(lookers, queue.end());
  waiting_ -= taken.size();
  return taken;
}

std::vector<room_lookups::waiting> room_lookups::take(const room_ref& room) {
  auto found = queues_.extract(room);
  if (found.empty()) return {};
  waiting_ -= found.mapped().size();
  return std::move(found.mapped());
}

} // namespace hubbub
