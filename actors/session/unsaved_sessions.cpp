#include "actors/session/unsaved_sessions.hpp"

#include <algorithm>

namespace hubbub {

void unsaved_sessions::add(const op::end_recoverable& end) {
  if (end.forget) forgive(end.session);
  const auto known = ends_.find(end.session);
  if (known != ends_.end()) {
    known->second = known->second || end.forget;
  } else if (ends_.size() < most_) {
    ends_.emplace(end.session, end.forget);
  } else {
    has_lost_one_ = has_lost_one_ || end.forget;
  }
}

void unsaved_sessions::add(const op::owe_gaps& owed) {
  if (gaps_ + owed.gaps.size() > most_) return;
  if (owed_.emplace(owed.session, owed).second) gaps_ += owed.gaps.size();
}

void unsaved_sessions::on_stored(const op::end_recoverable& end) {
  if (end.forget) forgive(end.session);
  const auto known = ends_.find(end.session);
  if (known != ends_.end() && (end.forget || !known->second)) ends_.erase(known);
}

void unsaved_sessions::on_stored(const op::owe_gaps& owed) {
  forgive(owed.session);
}

/// Forgets what a session is owed.
void unsaved_sessions::forgive(recovery_id session) {
  const auto found = owed_.find(session);
  if (found == owed_.end()) return;
  gaps_ -= found->second.gaps.size();
  owed_.erase(found);
}

bool unsaved_sessions::forbid(recovery_id session, std::optional<timestamp> ended_at) const {
  const auto known = ends_.find(session);
  return known != ends_.end() ? known->second : has_lost_one_ && !ended_at;
}

void unsaved_sessions::add_owed(recovery_id session, std::vector<owed_gap>& gaps) const {
  const auto found = owed_.find(session);
  if (found == owed_.end()) return;
  for (const auto& each : found->second.gaps)
    if (std::ranges::find(gaps, each.room, &owed_gap::room) == gaps.end()) gaps.push_back(each);
}

bool unsaved_sessions::begin_round() {
  if (in_round_ || empty()) return false;
  in_round_ = true;
  return true;
}

unsaved_sessions::next_step unsaved_sessions::on_told(const note& told, bool stored) {
  if (stored) std::visit([this](const auto& each) { on_stored(each); }, told);
  has_failed_ = has_failed_ || !stored;
  if (--unanswered_ > 0) return next_step::wait;
  in_round_ = !has_failed_ && !empty();
  return in_round_ ? next_step::go_on : next_step::begin_new;
}

} // namespace hubbub
