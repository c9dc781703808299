// What owners and admins do: stored first, then in force.
#include "actors/room/room.hpp"

#include <utility>

namespace hubbub {

namespace {

const error owner_is_exempt{error_code::forbidden,
                            "this is the owner of the room: hand it over first"};
const error lists_are_full{error_code::limit_exceeded, "a room may hold " +
                                                           std::to_string(max_standings) +
                                                           " members, bans and mutes"};
const error past_already{error_code::bad_request, "until must lie ahead"};
const error already_the_owner{error_code::bad_request, "owner must be somebody else"};

} // namespace

room::task_ptr room::task_of(room_request& request) {
  auto by = request.who->user_id;
  return std::make_shared<room_task>(room_task{std::move(by), std::move(request), {}});
}

caf::result<order_outcome> room::carry_out(room_order& asked) {
  if (const auto why = policy::may_administer(*asked.access, standing_of(asked.by)))
    return order_outcome{unexpected(*why)};
  auto given = std::make_shared<room_task>(
      room_task{std::move(asked.by), std::nullopt, make_response_promise<order_outcome>()});
  auto answer = given->promise;
  std::visit([&](const auto& what) { obey(given, what); }, asked.what);
  flush();
  return answer;
}

void room::refuse(room_task& given, const error& why) {
  if (given.request)
    outbox_.refuse(*given.request, why);
  else
    given.promise.deliver(order_outcome{unexpected(why)});
}

/// `fields` are those of a JSON object, without its braces.
void room::grant(room_task& given, std::string fields) {
  if (given.request)
    outbox_.answer(*given.request,
                   given.request->ack ? fields_ack(*given.request->ack, fields) : nullptr);
  else
    given.promise.deliver(order_outcome{"{" + std::move(fields) + "}"});
}

/// `then` gets an outcome that is no error.
void room::store_first(const task_ptr& given, write_op operation, const outcome_handler& then) {
  if (const auto why = refusal()) return refuse(*given, *why);
  auto handle = [this, given, then](const write_outcome& outcome) {
    if (const auto* why = std::get_if<store_error>(&outcome))
      refuse(*given, to_error(*why));
    else
      then(outcome);
  };
  if (given->request)
    write_and_hold(given->request->from, std::move(operation), std::move(handle));
  else
    send_to_writer(std::move(operation), pending_write{{}, {}, std::move(handle)});
}

void room::obey(const task_ptr& given, const configure_room& command) {
  if (command.owner && command.owner == owner_ && !command.is_private)
    return refuse(*given, already_the_owner);
  if (!command.owner || !owner_ || command.owner == owner_) return configure(given, command);
  // Whoever gives a room away stays in it.
  store_first(given, set_standing{id_, standing_kind::member, *owner_, given->by},
              [this, given, command](const write_outcome& outcome) {
                standings_.set(std::get<standing>(outcome));
                configure(given, command);
              });
}

void room::configure(const task_ptr& given, const configure_room& command) {
  store_first(given, change_room{id_, command.is_private, command.owner},
              [this, given](const write_outcome& outcome) {
                on_configured(*given, std::get<room_record>(outcome));
              });
}

void room::on_configured(room_task& given, const room_record& now) {
  owner_ = now.owner;
  is_private_ = now.is_private;
  outbox_.say_all(room_updated_event(id_, name_, is_private_, owner_));
  eject_strangers({.by = given.by});
  grant(given, room_field(id_, name_, is_private_, owner_));
}

void room::obey(const task_ptr& given, const put_standing& command) {
  const auto now = setup_->now();
  if (command.kind != standing_kind::member && command.user_id == owner_)
    return refuse(*given, owner_is_exempt);
  if (command.until && *command.until <= now) return refuse(*given, past_already);
  if (standings_.size() >= max_standings) standings_.forget_expired(now);
  if (standings_.size() >= max_standings && !standings_.contains(command.kind, command.user_id))
    return refuse(*given, lists_are_full);
  store_first(given,
              set_standing{id_, command.kind, command.user_id, given->by, command.until,
                           command.reason},
              [this, given](const write_outcome& outcome) {
                on_put(*given, std::get<standing>(outcome));
              });
}

void room::on_put(room_task& given, const standing& now) {
  standings_.set(now);
  switch (now.kind) {
  case standing_kind::member: break;
  case standing_kind::ban: eject(now.user_id, {now.by, now.reason, true, now.until}); break;
  case standing_kind::mute:
    stop_typing(now.user_id);
    outbox_.say_user(now.user_id, muted_event(id_, name_, now));
    break;
  }
  grant(given, standing_field(&now));
}

void room::obey(const task_ptr& given, const lift_standing& command) {
  store_first(given, drop_standing{id_, command.kind, command.user_id},
              [this, given, command](const write_outcome&) { on_lifted(*given, command); });
}

void room::on_lifted(room_task& given, const lift_standing& command) {
  const bool was = standings_.contains(command.kind, command.user_id);
  standings_.drop(command.kind, command.user_id);
  if (was && command.kind == standing_kind::mute)
    outbox_.say_user(command.user_id, unmuted_event(id_, name_, given.by));
  eject_strangers({.by = given.by});
  grant(given, standing_field(nullptr));
}

/// In force once no recoverable session of the user can come back into the room.
void room::obey(const task_ptr& given, const kick_user& command) {
  if (command.user_id == owner_) return refuse(*given, owner_is_exempt);
  store_first(given, expel_user{id_, command.user_id},
              [this, given, command](const write_outcome&) {
                const auto sockets = eject(command.user_id, {given->by, command.reason});
                grant(*given, kicked_field(sockets));
              });
}

void room::obey(const task_ptr& given, const get_standings& command) {
  const auto page = standings_.page(command.kind, command.after, command.limit, setup_->now());
  grant(*given, standings_field(page.standings, page.next));
}

// There are two ways out for users who lose the room, for whatever reason: sockets that are in
// here are ejected, sessions on their way back are turned away. The store makes sure that they
// do not get it back later (`is_member`): the op that takes the room ends their memberships.

/// Takes all of a user's sockets out of the room and tells them so. Returns how many it were.
std::int64_t room::eject(const std::string& user_id, const kick_notice& why) {
  const auto returning =
      returning_if([&user_id](const user& who) { return who.user_id == user_id; });
  turn_away(returning, why);
  const auto* here = members_.find(user_id);
  const auto sessions = here ? here->sessions : std::vector<session_id>{};
  eject(sessions, why);
  return std::ssize(sessions) + std::ssize(returning);
}

void room::eject(const std::vector<session_id>& sessions, const kick_notice& why) {
  const auto event = kicked_event(id_, name_, why);
  for (const auto session : sessions) {
    outbox_.say(session, tell{session, event});
    remove(session, leave_reason::kicked, nullptr, false);
  }
}

/// Takes out the sockets that may not be here any more. Of a user's some may: each has a token
/// of its own.
void room::eject_strangers(const kick_notice& why) {
  const auto is_stranger = [this](const user& who) {
    return policy::may_read(*who.access, standing_of(who.user_id)).has_value();
  };
  turn_away(returning_if(is_stranger), why);
  eject(members_.sessions_if(is_stranger), why);
}

void room::run(const room_renewal& renewal) {
  const auto& [session, who] = renewal;
  members_.renew(session, who);
  if (members_.contains(session) && policy::may_read(*who->access, standing_of(who->user_id))) {
    eject({session}, {.by = who->user_id, .reason = "the new token does not include it"});
    if (who->recovery) forget_membership(who->recovery->identity.id);
  }
  retire_if_idle();
}

template <class Predicate>
std::vector<session_id> room::returning_if(const Predicate& holds) const {
  std::vector<session_id> found;
  for (const auto& [session, each] : returning_)
    if (holds(*each.request.who)) found.push_back(session);
  return found;
}

void room::turn_away(const std::vector<session_id>& returning, const kick_notice& why) {
  for (const auto session : returning) {
    const auto who = returning_.extract(session).mapped().request.who;
    turn_away(session, *who, why);
  }
}

/// Tells a recovered session, which counts this room among its own, that it is not in it. It is
/// told so once.
void room::turn_away(session_id session, const user& who, const kick_notice& why) {
  outbox_.say(session, tell{session, kicked_event(id_, name_, why)});
  outbox_.say(session, exit_room{id_, session, nullptr, false});
  forget_membership(who.recovery->identity.id);
}

} // namespace hubbub
