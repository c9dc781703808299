#include "actors/room/presence_changes.hpp"

#include <utility>

namespace hubbub {

void presence_changes::note(const presence_user& who, bool joined, time_point due) {
  if (!due_) due_ = due;
  const auto [entry, is_new] =
      changes_.try_emplace(who.user_id, user_change{who.username, joined, !joined, listings_});
  auto& change = entry->second;
  if (is_new || change.joined == joined) return;
  if (change.joined != change.was_here && change.listings != listings_) change.was_shown = true;
  change.joined = joined;
  change.listings = listings_;
  // A user who came and went, or went and came, has not changed for members who saw neither.
  // Members who saw one of the two must be told of the other.
  if (joined == change.was_here && !change.was_shown) changes_.erase(entry);
}

presence_changes::news presence_changes::take() {
  news told;
  for (auto& [user_id, change] : changes_)
    (change.joined ? told.joined : told.left).push_back({user_id, std::move(change.username)});
  changes_.clear();
  due_.reset();
  return told;
}

} // namespace hubbub
