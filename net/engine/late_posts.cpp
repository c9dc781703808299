#include "net/engine/late_posts.hpp"

#include <utility>

namespace hubbub {

void late_posts::expect(std::string sid, steady_time now) {
  while (!ended_.empty() && (ended_.size() >= most || ended_.front().until <= now))
    forget_first();
  const auto& added = ended_.emplace_back(ended_session{std::move(sid), now + memory});
  until_.insert_or_assign(added.sid, added.until);
}

bool late_posts::expects(std::string_view sid, steady_time now) {
  const auto found = until_.find(sid);
  return found != until_.end() && now < found->second;
}

void late_posts::forget_first() {
  until_.erase(ended_.front().sid);
  ended_.pop_front();
}

} // namespace hubbub
