#include "net/engine/late_polls.hpp"

#include <algorithm>
#include <utility>

namespace hubbub {

void late_polls::expect(std::string sid, steady_time now) {
  forget(now);
  if (expected_.size() == most) expected_.pop_front();
  expected_.push_back({std::move(sid), now + memory});
}

bool late_polls::take(std::string_view sid, steady_time now) {
  forget(now);
  const auto found = std::ranges::find(expected_, sid, &expected_poll::sid);
  if (found == expected_.end()) return false;
  expected_.erase(found);
  return true;
}

void late_polls::forget(steady_time now) {
  while (!expected_.empty() && expected_.front().until <= now)
    expected_.pop_front();
}

} // namespace hubbub
