#include "net/engine/recent_sids.hpp"

#include <utility>

namespace hubbub {

void recent_sids::add(std::string sid, steady_time now) {
  while (!ended_.empty() && (ended_.size() >= most_ || ended_.front().until <= now))
    forget_first();
  const auto& added = ended_.emplace_back(ended_session{std::move(sid), now + memory_});
  until_.insert_or_assign(added.sid, added.until);
}

bool recent_sids::contains(std::string_view sid, steady_time now) const {
  const auto found = until_.find(sid);
  return found != until_.end() && now < found->second;
}

bool recent_sids::take(std::string_view sid, steady_time now) {
  const bool found = contains(sid, now);
  if (found) until_.erase(sid);
  return found;
}

void recent_sids::forget_first() {
  until_.erase(ended_.front().sid);
  ended_.pop_front();
}

} // namespace hubbub
