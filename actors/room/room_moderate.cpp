#include "actors/room/room_moderate.hpp"

#include "actors/store/store_errors.hpp"

#include <string>
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

/// Answers that an order was carried out; `fields` are those of a JSON object, without its
/// braces.
void room_moderate::grant(const room_request& given, const std::string& fields) {
  core_.outbox.answer(
      given, [&fields](ack_id id) { return fields_ack(id, fields); },
      [&fields] { return call_answer{"{" + fields + "}"}; });
}

/// Stores an operation; `then` gets its outcome unless that is an error.
void room_moderate::store_first(const task_ptr& given, write_op operation,
                                const outcome_handler& then) {
  if (const auto why = storage_.refusal()) return core_.outbox.refuse(*given, *why);
  auto handle = [this, given, then](const write_outcome& outcome) {
    if (const auto* why = std::get_if<store_error>(&outcome))
      core_.outbox.refuse(*given, to_error(*why));
    else
      then(outcome);
  };
  if (const auto* socket = given->from_socket())
    storage_.write_and_hold(socket->session, std::move(operation), std::move(handle));
  else
    storage_.write_own(std::move(operation), std::move(handle));
}

void room_moderate::handle(const task_ptr& given, const command::configure_room& command) {
  if (command.owner && command.owner == core_.rights.owner() && !command.is_private)
    return core_.outbox.refuse(*given, already_the_owner);
  if (!command.owner || !core_.rights.owner() || command.owner == core_.rights.owner())
    return configure(given, command);
  // An owner who transfers the room stays in it.
  store_first(given,
              op::set_standing{core_.id(), standing_kind::member, *core_.rights.owner(),
                               given->who->user_id},
              [this, given, command](const write_outcome& outcome) {
                core_.rights.standings().set(std::get<standing>(outcome));
                configure(given, command);
              });
}

void room_moderate::configure(const task_ptr& given, const command::configure_room& command) {
  store_first(given, op::change_room{core_.id(), command.is_private, command.owner},
              [this, given](const write_outcome& outcome) {
                on_configured(*given, std::get<room_record>(outcome));
              });
}

void room_moderate::on_configured(const room_request& given, const room_record& now) {
  core_.rights.configure(now);
  core_.outbox.say_all(
      event::room_updated(core_.id(), core_.name(), now.is_private, now.owner));
  membership_.eject_strangers({.by = given.who->user_id});
  grant(given, room_field(core_.id(), core_.name(), now.is_private, now.owner));
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
  store_first(given,
              op::set_standing{core_.id(), command.kind, command.user_id, given->who->user_id,
                               command.until, command.reason},
              [this, given](const write_outcome& outcome) {
                on_put(*given, std::get<standing>(outcome));
              });
}

void room_moderate::on_put(const room_request& given, const standing& now) {
  core_.rights.standings().set(now);
  core_.note_by({.kind = trace_kind::standing, .code = static_cast<std::uint8_t>(now.kind)},
                now.user_id, now.by);
  switch (now.kind) {
  case standing_kind::member: break;
  case standing_kind::ban:
    membership_.eject(now.user_id, {now.by, now.reason, true, now.until});
    break;
  case standing_kind::mute:
    presence_.stop_typing(now.user_id);
    core_.outbox.say_user(now.user_id, event::muted(core_.id(), core_.name(), now));
    break;
  }
  grant(given, standing_field(&now));
}

void room_moderate::handle(const task_ptr& given, const command::lift_standing& command) {
  store_first(given, op::drop_standing{core_.id(), command.kind, command.user_id},
              [this, given, command](const write_outcome&) { on_lifted(*given, command); });
}

void room_moderate::on_lifted(const room_request& given,
                              const command::lift_standing& command) {
  const bool was = core_.rights.standings().contains(command.kind, command.user_id);
  core_.rights.standings().drop(command.kind, command.user_id);
  core_.note_by({.kind = trace_kind::lifted, .code = static_cast<std::uint8_t>(command.kind)},
                command.user_id, given.who->user_id);
  if (was && command.kind == standing_kind::mute)
    core_.outbox.say_user(command.user_id,
                          event::unmuted(core_.id(), core_.name(), given.who->user_id));
  membership_.eject_strangers({.by = given.who->user_id});
  grant(given, standing_field(nullptr));
}

/// Kicks a user. It is in force once no recoverable session of the user can return to the room.
void room_moderate::handle(const task_ptr& given, const command::kick_user& command) {
  if (command.user_id == core_.rights.owner())
    return core_.outbox.refuse(*given, owner_is_exempt);
  store_first(given, op::expel_user{core_.id(), command.user_id},
              [this, given, command](const write_outcome&) {
                const auto sockets =
                    membership_.eject(command.user_id, {given->who->user_id, command.reason});
                grant(*given, kicked_field(sockets));
              });
}

void room_moderate::handle(const task_ptr& given, const command::get_standings& command) {
  const auto page = core_.rights.standings().page(command.kind, command.after, command.limit,
                                                  core_.setup->now());
  grant(*given, standings_field(page.standings, page.next));
}

} // namespace hubbub
