#include "actors/room/room_presence.hpp"

#include "actors/store/store_errors.hpp"
#include "proto/chat/api_body.hpp"

#include <vector>

namespace hubbub {

void room_presence::run(room_request& request, const command::set_typing& command) {
  const auto& socket = request.socket();
  if (!core_.members.contains(socket.session))
    return core_.outbox.refuse(request, to_error(store_error::not_repeated));
  const presence_user who{request.who->user_id, request.who->username};
  if (command.is_typing) {
    const auto until = core_.now() + core_.settings().typing_timeout;
    typing_.start(who, socket.session, until);
    core_.tick_at(until);
  } else {
    typing_.stop(who.user_id);
  }
  tell_typing(who, command.is_typing);
  say_typing_elsewhere(who, command.is_typing);
  core_.outbox.answer(socket, socket.ack ? ok_ack(*socket.ack) : nullptr);
}

/// The other nodes let it expire by themselves, and end it with the user's next message.
void room_presence::say_typing_elsewhere(const presence_user& who, bool is_typing) {
  core_.say_elsewhere({bus_typing{core_.id(), who.user_id, who.username, is_typing}});
}

broadcast_outcome room_presence::tell_foreign(const room_broadcast& what) {
  if (const auto why = core_.rights.may_use()) return unexpected(*why);
  bus_event event{core_.id(), what.event, what.args_json, what.is_volatile};
  tell(event);
  const bool is_alone = !core_.setup->log_reader;
  return is_alone || (fits_bus(event) && core_.say_elsewhere({std::move(event)}));
}

void room_presence::hear(const bus_event& event) {
  tell(event);
}

/// A recoverable session gets it with its offset at the end: its client would take a string
/// that is the host's last argument for one.
void room_presence::tell(const bus_event& event) {
  core_.outbox.say_all(event::foreign(event.name, event.args), {}, event.is_volatile,
                       core_.history.position());
}

/// The typing is in no session of this node, so that only a message of the user ends it here.
void room_presence::hear(const bus_typing& typing) {
  const presence_user who{typing.user_id, typing.username};
  if (typing.is_typing) {
    const auto until = core_.now() + core_.settings().typing_timeout;
    typing_.start(who, session_id{}, until);
    core_.tick_at(until);
  } else if (!typing_.stop(who.user_id, session_id{})) {
    return; // it goes on in a session here
  }
  tell_typing(who, typing.is_typing);
}

/// Sends a typing event to the members who are other users.
void room_presence::tell_typing(const presence_user& who, bool is_typing) {
  const auto* own = core_.members.find(who.user_id);
  core_.outbox.say_all(event::typing(core_.id(), core_.name(), who, is_typing),
                       own ? own->sessions : std::vector<session_id>{}, true);
}

void room_presence::stop_typing(const std::string& user_id) {
  if (const auto stopped = typing_.stop(user_id)) tell_typing(*stopped, false);
}

void room_presence::stop_typing(const std::string& user_id, session_id session) {
  const auto stopped = typing_.stop(user_id, session);
  if (!stopped) return;
  tell_typing(*stopped, false);
  say_typing_elsewhere(*stopped, false);
}

void room_presence::tell_joined(const presence_user& who, std::optional<session_id> session) {
  if (is_coalesced()) return note(who, true);
  if (core_.members.receivers() == (session ? 1 : 0)) return; // nobody is there to hear it
  core_.outbox.say_all(event::user_joined(core_.id(), core_.name(), who, core_.members.total()),
                       session ? std::vector{*session} : std::vector<session_id>{});
}

void room_presence::tell_left(const presence_user& who, leave_reason reason) {
  if (is_coalesced()) return note(who, false);
  if (core_.members.receivers() == 0) return;
  core_.outbox.say_all(
      event::user_left(core_.id(), core_.name(), who, reason, core_.members.total()));
}

/// True if changes are told together. While some wait, all later ones wait too, so that they
/// stay in order.
bool room_presence::is_coalesced() const {
  return !changes_.empty() ||
         static_cast<std::size_t>(core_.members.total()) > core_.settings().presence_threshold;
}

void room_presence::note(const presence_user& who, bool joined) {
  const auto due = core_.now() + core_.settings().presence_interval;
  changes_.note(who, joined, due);
  if (changes_.size() >= core_.settings().presence_changes) return tell_changes();
  core_.tick_at(*changes_.due());
}

void room_presence::tell_changes() {
  const auto [joined, left] = changes_.take();
  if (joined.empty() && left.empty()) return;
  core_.outbox.say_all(
      event::presence(core_.id(), core_.name(), joined, left, core_.members.total()));
}

std::string_view room_presence::show_first_members() {
  changes_.note_listing();
  return core_.members.first_json();
}

members_page room_presence::show_members(const std::optional<std::string>& after,
                                         std::int64_t limit) {
  changes_.note_listing();
  return core_.members.page(after, limit);
}

void room_presence::run(room_request& request, const command::get_members& command) {
  const auto page = show_members(command.after, command.limit);
  core_.outbox.answer(
      request,
      [&page](ack_id id) {
        return members_ack(id, page.members, page.members_total, page.next);
      },
      [&page] {
        return call_answer{members_json(page.members, page.members_total, page.next)};
      });
}

void room_presence::expire_typing(room_core::time_point now) {
  for (const auto& stopped : typing_.expire(now))
    tell_typing(stopped, false);
}

void room_presence::tell_due_changes(room_core::time_point now) {
  if (const auto due = changes_.due(); due && *due <= now) tell_changes();
}

void room_presence::ask_for_tick() {
  if (const auto next = typing_.next()) core_.tick_at(*next);
  if (const auto due = changes_.due()) core_.tick_at(*due);
}

} // namespace hubbub
