#include "actors/room/room_moderate.hpp"

#include "actors/store/store_errors.hpp"

#include <optional>
#include <string>
#include <utility>
#include <variant>

namespace hubbub {

namespace {

const error owner_is_exempt{error_code::forbidden,
                            "this is the owner of the room: hand it over first"};
const error lists_are_full{error_code::limit_exceeded, "a room may hold " +
                                                           std::to_string(max_standings) +
                                                           " members, bans and mutes"};
const error past_already{error_code::bad_request, "until must lie ahead"};
const error already_the_owner{error_code::bad_request, "owner must be somebody else"};

/// True if the operation is a part of a change of whose room it is: the owner becomes a member
/// first.
bool is_handover(const write_op& operation, const std::optional<std::string>& owner) {
  if (const auto* stays = std::get_if<op::set_standing>(&operation))
    return stays->kind == standing_kind::member && stays->user_id == owner;
  const auto* change = std::get_if<op::change_room>(&operation);
  return change && change->owner;
}

} // namespace

/// Answers that an order was carried out; `fields` are those of a JSON object, without its
/// braces.
void room_moderate::grant(const room_request& given, const std::string& fields) {
  core_.outbox.answer(
      given, [&fields](ack_id id) { return fields_ack(id, fields); },
      [&fields] { return call_answer{"{" + fields + "}"}; });
}

/// Stores an operation; `then` gets its outcome unless that is an error. `again` is called if
/// the order has to be judged once more: after a handover that was under way, or since the room
/// had yet to hear of orders of other nodes, of which it knows by then.
void room_moderate::store_first(const task_ptr& given, write_op operation,
                                const outcome_handler& then,
                                const std::function<void()>& again) {
  if (const auto why = storage_.refusal()) return core_.outbox.refuse(*given, *why);
  if (is_handing_over_) return wait(given, again);
  is_handing_over_ = is_handover(operation, core_.rights.owner());
  auto handle = [this, given, then, again, ends_it = is_handing_over_](const auto& outcome) {
    if (ends_it) is_handing_over_ = false;
    const auto* why = std::get_if<store_error>(&outcome);
    if (why && *why == store_error::stale)
      again();
    else if (why)
      core_.outbox.refuse(*given, to_error(*why));
    else
      then(outcome);
    if (ends_it) go_on();
  };
  if (const auto* socket = given->from_socket())
    storage_.write_and_hold(socket->session, std::move(operation), std::move(handle));
  else
    storage_.write_own(std::move(operation), std::move(handle));
}

/// Makes an order wait for a handover that is under way. It counts as a write until then, and
/// the later requests of its session wait for it.
void room_moderate::wait(const task_ptr& given, const std::function<void()>& again) {
  core_.writes.begin_check();
  if (const auto* socket = given->from_socket()) core_.lanes.hold(socket->session);
  waiting_.push_back({given, again});
}

/// Goes on with what waited for a handover. One of these may be the next handover, for which
/// the others wait once more.
void room_moderate::go_on() {
  for (const auto& each : std::exchange(waiting_, {})) {
    core_.writes.end_check();
    const auto* socket = each.given->from_socket();
    if (socket) core_.lanes.release(socket->session);
    each.again();
    if (socket) core_.advance(socket->session);
  }
}

std::int64_t room_moderate::obey(const room_order& order) {
  if (order.rev > core_.history.last_rev())
    core_.history.move_to(core_.history.last_seq(), order.rev);
  const auto& about = order.about;
  switch (order.what) {
  case order_kind::put: return on_put(about);
  case order_kind::lifted: on_lifted(about); break;
  case order_kind::kicked:
    return membership_.eject(about.user_id, {.by = about.by, .reason = about.reason});
  case order_kind::configured: on_configured(order); break;
  }
  return 0;
}

void room_moderate::handle(const task_ptr& given, const command::configure_room& command) {
  const bool is_about_owner = !command.is_private && !command.is_closed;
  if (command.owner && command.owner == core_.rights.owner() && is_about_owner)
    return core_.outbox.refuse(*given, already_the_owner);
  if (!command.owner || !core_.rights.owner() || command.owner == core_.rights.owner())
    return configure(given, command);
  // An owner who transfers the room stays in it.
  const op::set_standing stays{core_.id(), standing_kind::member, *core_.rights.owner(),
                               given->who->user_id};
  store_first(
      given, stays,
      [this, given, command, stays](const write_outcome& outcome) {
        obey(carried_out(order_of(stays), outcome));
        configure(given, command);
      },
      again(given, command));
}

void room_moderate::configure(const task_ptr& given, const command::configure_room& command) {
  const op::change_room wanted{core_.id(), command.is_private, command.owner,
                               given->who->user_id, command.is_closed};
  store_first(
      given, wanted,
      [this, given, wanted](const write_outcome& outcome) {
        const auto now = carried_out(order_of(wanted), outcome);
        obey(now);
        grant(*given, room_field(core_.id(), core_.name(), policy_of(now)));
      },
      again(given, command));
}

/// Records what somebody did to the room, if that changes anything.
void room_moderate::note_change(bool is_new, trace_room_change what, const std::string& by) {
  if (is_new)
    core_.note_by({.kind = trace_kind::configured, .code = static_cast<std::uint8_t>(what)}, {},
                  by);
}

void room_moderate::on_configured(const room_order& now) {
  const auto& by = now.about.by;
  note_change(now.is_private != core_.rights.is_private(),
              now.is_private ? trace_room_change::made_private : trace_room_change::made_public,
              by);
  note_change(now.is_closed != core_.rights.is_closed(),
              now.is_closed ? trace_room_change::closed : trace_room_change::opened, by);
  core_.rights.configure(policy_of(now));
  core_.outbox.say_all(event::room_updated(core_.id(), core_.name(), policy_of(now)));
  if (now.is_closed)
    membership_.eject_all(now.about.by);
  else
    membership_.eject_strangers({.by = now.about.by});
}

void room_moderate::handle(const task_ptr& given, const command::put_standing& command) {
  const auto now = core_.setup->now();
  if (command.kind != standing_kind::member && command.user_id == core_.rights.owner())
    return core_.outbox.refuse(*given, owner_is_exempt);
  if (command.until && *command.until <= now) return core_.outbox.refuse(*given, past_already);
  if (core_.rights.standings().size() >= max_standings)
    core_.rights.standings().forget_expired(now);
  if (core_.rights.standings().size() >= max_standings &&
      !core_.rights.standings().contains(command.kind, command.user_id))
    return core_.outbox.refuse(*given, lists_are_full);
  const op::set_standing wanted{core_.id(),          command.kind,  command.user_id,
                                given->who->user_id, command.until, command.reason};
  store_first(
      given, wanted,
      [this, given, wanted](const write_outcome& outcome) {
        const auto order = carried_out(order_of(wanted), outcome);
        obey(order);
        grant(*given, standing_field(&order.about));
      },
      again(given, command));
}

std::int64_t room_moderate::on_put(const standing& now) {
  core_.rights.standings().set(now);
  core_.note_by({.kind = trace_kind::standing, .code = static_cast<std::uint8_t>(now.kind)},
                now.user_id, now.by);
  switch (now.kind) {
  case standing_kind::member: break;
  case standing_kind::ban:
    return membership_.eject(now.user_id, {now.by, now.reason, true, now.until});
  case standing_kind::mute:
    presence_.stop_typing(now.user_id);
    core_.outbox.say_user(now.user_id, event::muted(core_.id(), core_.name(), now));
    break;
  }
  return 0;
}

void room_moderate::handle(const task_ptr& given, const command::lift_standing& command) {
  const op::drop_standing wanted{core_.id(), command.kind, command.user_id,
                                 given->who->user_id};
  store_first(
      given, wanted,
      [this, given, wanted](const write_outcome& outcome) {
        obey(carried_out(order_of(wanted), outcome));
        grant(*given, standing_field(nullptr));
      },
      again(given, command));
}

void room_moderate::on_lifted(const standing& was) {
  const bool stood = core_.rights.standings().contains(was.kind, was.user_id);
  core_.rights.standings().drop(was.kind, was.user_id);
  core_.note_by({.kind = trace_kind::lifted, .code = static_cast<std::uint8_t>(was.kind)},
                was.user_id, was.by);
  if (stood && was.kind == standing_kind::mute)
    core_.outbox.say_user(was.user_id, event::unmuted(core_.id(), core_.name(), was.by));
  membership_.eject_strangers({.by = was.by});
}

/// Kicks a user. It is in force once no recoverable session of the user can return to the room.
/// The other nodes end the connections there when they come to it in the log; they count here.
void room_moderate::handle(const task_ptr& given, const command::kick_user& command) {
  if (command.user_id == core_.rights.owner())
    return core_.outbox.refuse(*given, owner_is_exempt);
  const op::expel_user wanted{core_.id(), command.user_id, given->who->user_id, command.reason};
  store_first(
      given, wanted,
      [this, given, wanted](const write_outcome& outcome) {
        const auto elsewhere = core_.members.connections_elsewhere(wanted.user_id);
        grant(*given, kicked_field(obey(carried_out(order_of(wanted), outcome)) + elsewhere));
      },
      again(given, command));
}

void room_moderate::handle(const task_ptr& given, const command::get_standings& command) {
  const auto page = core_.rights.standings().page(command.kind, command.after, command.limit,
                                                  core_.setup->now());
  grant(*given, standings_field(page.standings, page.next));
}

} // namespace hubbub
