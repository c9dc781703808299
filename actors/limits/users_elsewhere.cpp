#include "actors/limits/users_elsewhere.hpp"

#include <algorithm>
#include <set>

namespace hubbub {

void users_elsewhere::take(const std::vector<foreign_member>& changed,
                           const std::vector<node_run>& gone) {
  for (auto next = users_.begin(); !gone.empty() && next != users_.end();) {
    const auto user = next++;
    std::erase_if(user->second, [&gone](const auto& place) {
      return std::ranges::find(gone, place.first) != gone.end();
    });
    if (user->second.empty()) users_.erase(user);
  }
  for (const auto& [run, state] : changed) {
    const std::pair place{run, state.room};
    if (state.sockets > 0) {
      auto& at = users_[rate_key_of(state.user_id)];
      if (std::ranges::find(at, place) == at.end()) at.push_back(place);
    } else if (const auto found = users_.find(rate_key_of(state.user_id));
               found != users_.end()) {
      std::erase(found->second, place);
      if (found->second.empty()) users_.erase(found);
    }
  }
}

std::size_t users_elsewhere::nodes_of(const rate_key& user) const {
  const auto found = users_.find(user);
  if (found == users_.end()) return 0;
  std::set<node_run> runs;
  for (const auto& [run, room] : found->second)
    runs.insert(run);
  return runs.size();
}

} // namespace hubbub
