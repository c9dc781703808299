#include "actors/room/room_membership.hpp"

#include <iterator>
#include <map>
#include <optional>
#include <string>
#include <utility>

namespace hubbub {

namespace {

kick_notice closed_by(const std::string& by) {
  return {.by = by, .reason = "closed"};
}

} // namespace

bool room_membership::add(session_id session, const user_ptr& who) {
  const bool first = !core_.members.has_user(who->user_id);
  const bool is_new = core_.members.add(session, who);
  if (is_new) {
    core_.note({.kind = trace_kind::joined,
                .seq = core_.history.last_seq().value,
                .connection = trace_connection::of(session)},
               who->user_id);
    tell_directory();
    tell_others(*who, leave_reason::disconnect);
    if (first) tell_host(notice_kind::joined, *who, {});
  }
  return is_new && first;
}

void room_membership::remove(session_id session, leave_reason reason, frame_ptr answer,
                             bool answers) {
  const auto who = take_out(session, reason, std::move(answer), answers);
  if (who && !core_.members.has_user(who->user_id)) tell_left(*who, reason);
}

/// Removes a session, if it is in the room. Returns its user if that was the last one on this
/// node.
user_ptr room_membership::take_out(session_id session, leave_reason reason, frame_ptr answer,
                                   bool answers) {
  const auto who = core_.members.remove(session);
  if (who) tell_directory();
  core_.outbox.say(session, exit_room{core_.id(), session, std::move(answer), answers});
  if (!who) return nullptr;
  const auto& user_id = (*who)->user_id;
  const bool is_closing = reason == leave_reason::kicked && core_.rights.is_closed();
  core_.note({.kind = trace_kind::left,
              .code = is_closing ? left_closed_room : static_cast<std::uint8_t>(reason),
              .connection = trace_connection::of(session)},
             user_id);
  presence_.stop_typing(user_id, session);
  tell_others(**who, reason);
  return core_.members.find(user_id) ? nullptr : *who;
}

void room_membership::tell_left(const user& who, leave_reason reason) {
  presence_.tell_left({who.user_id, who.username}, reason);
  tell_host(notice_kind::left, who, to_string(reason));
}

void room_membership::drop(session_id session) {
  const auto who = core_.members.remove(session);
  if (who) tell_directory();
  core_.outbox.say(session, exit_room{core_.id(), session, nullptr, false});
  if (who) presence_.stop_typing((*who)->user_id, session);
}

/// Tells the program around the chat, if it wants to know.
void room_membership::tell_host(notice_kind what, const user& who, std::string_view why) {
  const auto& hooks = core_.setup->hooks;
  const auto desk = hooks.for_notices(static_cast<std::size_t>(core_.id().value));
  if (desk)
    compat::anon_send(desk, chat_notice{what, who.user_id, who.username, core_.id(),
                                        core_.name(), std::string{why}});
}

void room_membership::observe(const room_observation& wanted) {
  const auto& [session, begins] = wanted;
  if (begins ? !core_.members.observe(session) : !core_.members.unobserve(session)) return;
  if (begins)
    core_.outbox.say(session,
                     enter_room{core_.id(), session, nullptr, core_.history.position(), false});
  else
    core_.outbox.say(session, exit_room{core_.id(), session, nullptr, false});
}

/// Tells the directory the number of members, before the join or leave is answered, so that a
/// client that has seen the answer also sees the number.
void room_membership::tell_directory() {
  compat::anon_send(core_.setup->directory, members_changed{core_.id(), core_.members.total()});
}

/// Tells the other nodes the user's state on this one.
void room_membership::tell_others(const user& who, leave_reason reason) {
  if (!core_.setup->presence) return;
  const auto* here = core_.members.find(who.user_id);
  compat::anon_send(core_.setup->presence,
                    member_state{core_.id(), who.user_id, who.username,
                                 here ? std::ssize(here->sessions) : 0, reason});
}

/// Takes the news as a whole: a node that reads everything anew drops all and takes it again,
/// and nobody has come or gone by that.
void room_membership::hear(const members_elsewhere& news) {
  struct change {
    std::string username;
    std::optional<leave_reason> left; ///< nothing if the user came
  };
  std::map<std::string, change> changes;
  const auto note = [&changes](const presence_user& who, std::optional<leave_reason> left) {
    const auto [at, is_first] = changes.try_emplace(who.user_id, change{who.username, left});
    if (!is_first) changes.erase(at); // who came and went, or went and came
  };
  for (const auto run : news.gone)
    for (const auto& who : core_.members.drop_elsewhere(run))
      note(who, leave_reason::timeout);
  if (news.is_whole)
    for (const auto& who : core_.members.drop_all_elsewhere())
      note(who, leave_reason::disconnect);
  for (const auto& each : news.changed) {
    const auto& [room, user_id, username, sockets, reason] = each.state;
    if (sockets > 0 ? core_.members.put_elsewhere(each)
                    : core_.members.drop_elsewhere(each.run, user_id))
      note({user_id, username}, sockets > 0 ? std::nullopt : std::optional{reason});
  }
  for (const auto& [user_id, each] : changes) {
    if (each.left)
      presence_.tell_left({user_id, each.username}, *each.left);
    else
      presence_.tell_joined({user_id, each.username}, std::nullopt);
  }
  tell_directory();
}

void room_membership::tell_mute(session_id session, const user& who) {
  if (const auto* mute = core_.rights.mute_of(who))
    core_.outbox.say(session, tell{session, event::muted(core_.id(), core_.name(), *mute), {}});
}

void room_membership::tell_gap(session_id session, const user& who, sequence from) {
  const auto last = core_.history.last_seq();
  if (from > last) return;
  core_.note({.kind = trace_kind::gap,
              .seq = from.value,
              .number = static_cast<std::uint64_t>(last.value - from.value + 1),
              .connection = trace_connection::of(session)},
             who.user_id);
  core_.outbox.say(session,
                   tell{session, event::gap(core_.id(), core_.name(), from, last), {}});
}

std::int64_t room_membership::eject(const std::string& user_id, const kick_notice& why) {
  const auto returning = core_.returning.sessions_if(
      [&user_id](const user& who) { return who.user_id == user_id; });
  turn_away(returning, why);
  const auto* here = core_.members.find(user_id);
  const auto sessions = here ? here->sessions : std::vector<session_id>{};
  if (!sessions.empty() || !returning.empty())
    core_.note_by({.kind = trace_kind::kicked}, user_id, why.by);
  eject(sessions, why);
  return std::ssize(sessions) + std::ssize(returning);
}

void room_membership::eject(const std::vector<session_id>& sessions, const kick_notice& why) {
  const auto event = event::kicked(core_.id(), core_.name(), why);
  for (const auto session : sessions) {
    core_.outbox.say(session, tell{session, event});
    remove(session, leave_reason::kicked, nullptr, false);
  }
}

/// Returns the sessions here that lose the room. They are told so now, and what the store keeps
/// of them would have them told once more when they come back.
std::vector<session_id> room_membership::losing(const std::function<bool(const user&)>& loses) {
  return core_.members.sessions_if([this, &loses](const user& who) {
    const bool goes = loses(who);
    if (goes && who.recovery) storage_.forget_membership(who.recovery->identity.id);
    return goes;
  });
}

void room_membership::eject_strangers(const kick_notice& why) {
  const auto is_stranger = [this](const user& who) {
    return core_.rights.may_read(who).has_value();
  };
  turn_away(core_.returning.sessions_if(is_stranger), why);
  eject(losing(is_stranger), why);
}

void room_membership::eject_all(const std::string& by) {
  const auto anybody = [](const user&) { return true; };
  const auto why = closed_by(by);
  turn_away(core_.returning.sessions_if(anybody), why);
  const auto event = event::kicked(core_.id(), core_.name(), why);
  std::vector<user_ptr> gone;
  for (const auto session : losing(anybody)) {
    core_.outbox.say(session, tell{session, event});
    if (auto who = take_out(session, leave_reason::kicked, nullptr, false))
      gone.push_back(std::move(who));
  }
  for (const auto& who : gone) {
    // Users who are on other nodes too are taken out there at the same time. Each node would
    // take them to stay on the other, so that none would tell the host.
    if (core_.members.has_user(who->user_id))
      tell_host(notice_kind::left, *who, to_string(leave_reason::kicked));
    else
      tell_left(*who, leave_reason::kicked);
  }
}

void room_membership::renew(const room_renewal& renewal) {
  const auto& [session, who] = renewal;
  core_.members.renew(session, who);
  if (core_.members.contains(session)) tell_others(*who, leave_reason::disconnect);
  if (core_.members.contains(session) && core_.rights.may_read(*who)) {
    eject({session}, {.by = who->user_id, .reason = "the new token does not include it"});
    if (who->recovery) storage_.forget_membership(who->recovery->identity.id);
  }
  core_.retire_if_idle();
}

void room_membership::turn_away(const std::vector<session_id>& returning,
                                const kick_notice& why) {
  for (const auto session : returning)
    if (const auto back = core_.returning.take(session))
      turn_away(session, *back->request.who, why);
}

void room_membership::turn_away(session_id session, const user& who) {
  turn_away(session, who, core_.rights.is_closed() ? closed_by({}) : kick_notice{});
}

void room_membership::turn_away(session_id session, const user& who, const kick_notice& why) {
  core_.note({.kind = trace_kind::turned_away, .connection = trace_connection::of(session)},
             who.user_id);
  core_.outbox.say(session, tell{session, event::kicked(core_.id(), core_.name(), why)});
  core_.outbox.say(session, exit_room{core_.id(), session, nullptr, false});
  storage_.forget_membership(who.recovery->identity.id);
}

} // namespace hubbub
