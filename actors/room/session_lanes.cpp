#include "actors/room/session_lanes.hpp"

#include <algorithm>
#include <utility>

namespace hubbub {

bool session_lanes::must_wait(session_id session, bool is_write) const {
  const auto found = lanes_.find(session);
  if (found == lanes_.end()) return false;
  const auto& [writes, holds, waiting] = found->second;
  return holds > 0 || !waiting.empty() || (writes > 0 && !is_write);
}

bool session_lanes::is_leaving(session_id session) const {
  const auto found = lanes_.find(session);
  return found != lanes_.end() &&
         std::ranges::any_of(found->second.waiting, [](const auto& each) {
           return std::holds_alternative<room_departure>(each);
         });
}

void session_lanes::wait(room_request request) {
  lanes_[request.socket().session].waiting.emplace_back(std::move(request));
  ++waiting_;
}

std::optional<session_lanes::item> session_lanes::next(session_id session) {
  const auto found = lanes_.find(session);
  if (found == lanes_.end()) return std::nullopt;
  auto& [writes, holds, waiting] = found->second;
  if (waiting.empty()) {
    if (writes == 0 && holds == 0) lanes_.erase(found);
    return std::nullopt;
  }
  const auto* request = std::get_if<room_request>(&waiting.front());
  if (holds > 0 || (writes > 0 && !(request && is_write(request->command))))
    return std::nullopt;
  if (request) --waiting_;
  std::optional<item> first{std::move(waiting.front())};
  waiting.pop_front();
  return first;
}

void session_lanes::clear() {
  lanes_.clear();
  waiting_ = 0;
}

} // namespace hubbub
