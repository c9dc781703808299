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
  auto& queue = lookups_[room].questions;
  queue.push_back(std::move(question));
  return queue.size() == 1;
}

void room_lookups::note_change(const room_ref& room) {
  if (const auto found = lookups_.find(room); found != lookups_.end())
    found->second.has_changed = true;
}

bool room_lookups::take_change(const room_ref& room) {
  const auto found = lookups_.find(room);
  return found != lookups_.end() && std::exchange(found->second.has_changed, false);
}

bool room_lookups::wants_creation(const room_ref& room) const {
  const auto found = lookups_.find(room);
  return found != lookups_.end() &&
         std::ranges::any_of(found->second.questions, &waiting::create);
}

std::optional<std::string> room_lookups::owner(const room_ref& room) const {
  const auto found = lookups_.find(room);
  if (found == lookups_.end() || found->second.questions.empty()) return std::nullopt;
  return found->second.questions.front().owner;
}

std::vector<room_lookups::waiting> room_lookups::take_mere_lookers(const room_ref& room) {
  auto& queue = lookups_[room].questions;
  const auto lookers = std::stable_partition(queue.begin(), queue.end(),
                                             [](const waiting& each) { return each.create; });
  std::vector<waiting> taken(std::make_move_iterator(lookers),
                             std::make_move_iterator(queue.end()));
  queue.erase(lookers, queue.end());
  waiting_ -= taken.size();
  return taken;
}

std::vector<room_lookups::waiting> room_lookups::take(const room_ref& room) {
  auto found = lookups_.extract(room);
  if (found.empty()) return {};
  waiting_ -= found.mapped().questions.size();
  return std::move(found.mapped().questions);
}

} // namespace hubbub
