#include "actors/room/returning_sessions.hpp"

#include <iterator>
#include <utility>

namespace hubbub {

void returning_sessions::begin(room_return request, const room_position& asked_at) {
  const auto session = request.from;
  sessions_.emplace(session, returning_session{std::move(request), asked_at, {}});
}

user_ptr returning_sessions::find(session_id session) const {
  const auto found = sessions_.find(session);
  return found == sessions_.end() ? nullptr : found->second.request.who;
}

std::optional<returning_session> returning_sessions::take(session_id session) {
  auto found = sessions_.extract(session);
  if (found.empty()) return std::nullopt;
  return std::move(found.mapped());
}

void returning_sessions::note(const logged_event& event) {
  for (auto& [session, each] : sessions_) {
    each.too_much = each.too_much || std::ssize(each.meanwhile) >= max_since;
    if (!each.too_much) each.meanwhile.push_back(event);
  }
}

void returning_sessions::note_gap() {
  for (auto& [session, each] : sessions_)
    each.too_much = true;
}

} // namespace hubbub
