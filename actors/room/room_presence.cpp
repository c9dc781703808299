// Who is here, and who is typing.
#include "actors/room/room.hpp"

#include <utility>

namespace hubbub {

void room::run(room_request& request, const set_typing& command) {
  if (!members_.contains(request.from))
    return outbox_.refuse(request, to_error(store_error::not_repeated));
  const presence_user who{request.who->user_id, request.who->username};
  if (command.is_typing) {
    const auto until = clock().now() + setup_->settings.typing_timeout;
    typing_.start(who, request.from, until);
    tick_at(until);
  } else {
    typing_.stop(who.user_id);
  }
  tell_typing(who, command.is_typing);
  outbox_.answer(request, request.ack ? ok_ack(*request.ack) : nullptr);
}

/// To the members who are other users.
void room::tell_typing(const presence_user& who, bool is_typing) {
  const auto* own = members_.find(who.user_id);
  outbox_.say_all(typing_event(id_, name_, who, is_typing),
                  own ? own->sessions : std::vector<session_id>{}, true);
}

void room::stop_typing(const std::string& user_id) {
  if (const auto stopped = typing_.stop(user_id)) tell_typing(*stopped, false);
}

void room::expire_typing(time_point now) {
  for (const auto& stopped : typing_.expire(now))
    tell_typing(stopped, false);
}

void room::tell_joined(const user& who, session_id session) {
  if (presence_is_coalesced()) return note_presence(who, true);
  outbox_.say_all(user_joined_event(id_, name_, {who.user_id, who.username}, members_.total()),
                  {session});
}

void room::tell_left(const user& who, leave_reason reason) {
  if (presence_is_coalesced()) return note_presence(who, false);
  outbox_.say_all(
      user_left_event(id_, name_, {who.user_id, who.username}, reason, members_.total()));
}

/// Once changes are waiting to be told together, all are, so that they stay in order.
bool room::presence_is_coalesced() const {
  return !presence_.empty() ||
         static_cast<std::size_t>(members_.total()) > setup_->settings.presence_threshold;
}

void room::note_presence(const user& who, bool joined) {
  presence_.note({who.user_id, who.username}, joined,
                 clock().now() + setup_->settings.presence_interval);
  if (presence_.size() >= setup_->settings.presence_changes) return tell_presence();
  tick_at(*presence_.due());
}

void room::tell_presence() {
  const auto [joined, left] = presence_.take();
  if (joined.empty() && left.empty()) return;
  outbox_.say_all(presence_event(id_, name_, joined, left, members_.total()));
}

/// Whoever sees this page takes it for what the next changes are changes of.
members_page room::show_members(const std::optional<std::string>& after, std::int64_t limit) {
  presence_.note_listing();
  return members_.page(after, limit);
}

/// Sent before the join or leave is answered, so that whoever saw the answer sees the count.
void room::tell_directory() {
  compat::anon_send(setup_->directory, members_changed{id_, members_.total()});
}

} // namespace hubbub
