// Who is here, and who is typing.
#include "actors/room/room.hpp"

#include <utility>

namespace hubbub {

void room::run(room_request& request, const set_typing& command) {
  if (!members_.contains(request.from))
    return answer_error(request, to_error(store_error::not_repeated));
  const presence_user who{request.who->user_id, request.who->username};
  if (command.is_typing) {
    const auto until = clock().now() + setup_->settings.typing_timeout;
    typing_[who.user_id] = {who.username, request.from, until};
    tick_at(until);
  } else {
    typing_.erase(who.user_id);
  }
  tell_typing(who, command.is_typing);
  answer(request, request.ack ? ok_ack(*request.ack) : nullptr);
}

/// To the members who are other users.
void room::tell_typing(const presence_user& who, bool is_typing) {
  const auto* own = members_.find(who.user_id);
  say_all(typing_event(id_, name_, who, is_typing),
          own ? own->sessions : std::vector<session_id>{}, true);
}

void room::stop_typing(const std::string& user_id) {
  const auto found = typing_.find(user_id);
  if (found == typing_.end()) return;
  const presence_user who{user_id, found->second.username};
  typing_.erase(found);
  tell_typing(who, false);
}

void room::expire_typing(time_point now) {
  std::vector<std::string> expired;
  for (const auto& [user_id, typing] : typing_)
    if (typing.until <= now) expired.push_back(user_id);
  for (const auto& user_id : expired)
    stop_typing(user_id);
}

void room::tell_joined(const user& who, session_id session) {
  if (presence_is_coalesced()) return note_presence(who, true);
  say_all(user_joined_event(id_, name_, {who.user_id, who.username}, members_.total()),
          {session});
}

void room::tell_left(const user& who, leave_reason reason) {
  if (presence_is_coalesced()) return note_presence(who, false);
  say_all(user_left_event(id_, name_, {who.user_id, who.username}, reason, members_.total()));
}

/// Once changes are waiting to be told together, all are, so that they stay in order.
bool room::presence_is_coalesced() const {
  return !presence_.empty() ||
         static_cast<std::size_t>(members_.total()) > setup_->settings.presence_threshold;
}

void room::note_presence(const user& who, bool joined) {
  const auto [entry, is_new] = presence_.try_emplace(
      who.user_id, presence_change{who.username, joined, !joined, listings_});
  auto& change = entry->second;
  if (!is_new && change.joined != joined) {
    if (change.joined != change.was_here && change.listings != listings_)
      change.was_shown = true;
    change.joined = joined;
    change.listings = listings_;
    // Who came and went, or went and came, has not changed for those who saw neither. Who saw
    // one of them has to hear of the other.
    if (joined == change.was_here && !change.was_shown) presence_.erase(entry);
  }
  if (presence_.size() >= setup_->settings.presence_changes) return tell_presence();
  if (presence_at_) return;
  presence_at_ = clock().now() + setup_->settings.presence_interval;
  tick_at(*presence_at_);
}

void room::tell_presence() {
  presence_at_.reset();
  std::vector<presence_user> joined;
  std::vector<presence_user> left;
  for (const auto& [user_id, change] : presence_)
    (change.joined ? joined : left).push_back({user_id, change.username});
  presence_.clear();
  if (joined.empty() && left.empty()) return;
  say_all(presence_event(id_, name_, joined, left, members_.total()));
}

/// Whoever sees this page takes it for what the next changes are changes of.
members_page room::show_members(const std::optional<std::string>& after, std::int64_t limit) {
  ++listings_;
  return members_.page(after, limit);
}

/// Sent before the join or leave is answered, so that whoever saw the answer sees the count.
void room::tell_directory() {
  compat::anon_send(setup_->directory, members_changed{id_, members_.total()});
}

} // namespace hubbub
