#include "actors/session/unsaved_ends.hpp"

namespace hubbub {

void unsaved_ends::add(const op::end_recoverable& end) {
  const auto known = ends_.find(end.session);
  if (known != ends_.end()) {
    known->second = known->second || end.forget;
  } else if (ends_.size() < most_) {
    ends_.emplace(end.session, end.forget);
  } else {
    has_lost_one_ = has_lost_one_ || end.forget;
  }
}

void unsaved_ends::on_stored(const op::end_recoverable& end) {
  const auto known = ends_.find(end.session);
  if (known != ends_.end() && (end.forget || !known->second)) ends_.erase(known);
}

bool unsaved_ends::forbid(recovery_id session, std::optional<timestamp> ended_at) const {
  const auto known = ends_.find(session);
  return known != ends_.end() ? known->second : has_lost_one_ && !ended_at;
}

bool unsaved_ends::begin_round() {
  if (in_round_ || ends_.empty()) return false;
  in_round_ = true;
  return true;
}

unsaved_ends::next_step unsaved_ends::on_told(const op::end_recoverable& end, bool stored) {
  if (stored) on_stored(end);
  has_failed_ = has_failed_ || !stored;
  if (--unanswered_ > 0) return next_step::wait;
  in_round_ = !has_failed_ && !ends_.empty();
  return in_round_ ? next_step::go_on : next_step::begin_new;
}

} // namespace hubbub
