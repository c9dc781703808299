#include "actors/room/recent_changes.hpp"

#include <algorithm>

namespace hubbub {

bool recent_changes::update(const page& stale, revision since) const {
  if (forgotten_ > since) return false;
  for (const auto& change : items_) {
    const auto found = std::ranges::lower_bound(stale.numbers, change.seq);
    if (found == stale.numbers.end() || *found != change.seq) continue;
    const auto index = static_cast<std::size_t>(found - stale.numbers.begin());
    // The store may have been ahead of the room.
    if (stale.revisions[index] < change.rev) stale.messages[index] = change.json;
  }
  return true;
}

} // namespace hubbub
