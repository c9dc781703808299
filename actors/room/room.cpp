#include "actors/room/room.hpp"

#include "proto/overloaded.hpp"

#include <algorithm>
#include <utility>
#include <variant>

namespace hubbub {

namespace {

const error too_many_wait{error_code::overloaded,
                          "too many requests wait in this room; try again soon"};

} // namespace

room::room(caf::actor_config& config, room_setup_ptr setup, const room_state& state)
    : room_actor::base(config), core_(*this, std::move(setup), state) {}

room::behavior_type room::make_behavior() {
  compat::watch(this, core_.setup->writer,
                [this](const caf::actor_addr&) { on_writer_down(); });
  core_.setup->bus.send(bus_subscribe{core_.id(), log_follower{room_actor{this}}});
  if (core_.setup->presence)
    compat::anon_send(core_.setup->presence,
                      presence_listen{core_.id(), presence_listener{room_actor{this}}});
  // CAF looks for a message's clause from the first on, so the two that every stored message
  // needs come first.
  return {
      [this](room_request& request) {
        take(std::move(request));
        flush_soon();
      },
      [this](const write_results& results) {
        on_written(results);
        flush_soon();
      },
      [this](const room_departure& departure) {
        take_notice(departure);
        core_.flush();
      },
      [this](const room_renewal& renewal) {
        take_notice(renewal);
        core_.flush();
      },
      [this](const room_observation& wanted) {
        membership_.observe(wanted);
        core_.flush();
      },
      [this](room_return& request) { recover_.run(std::move(request)); },
      [this](room_call& call) { return take(call); },
      [this](lease_taken) { core_.life.lease(); },
      [this](lease_returned) {
        core_.life.release();
        core_.retire_if_idle();
      },
      [this](room_tick) {
        on_tick();
        core_.flush();
      },
      [this](const log_moved& news) {
        follow_.hear_of(news.head.rev);
        core_.flush();
      },
      [this](bus_news& news) {
        follow_.hear(std::move(news));
        core_.flush();
      },
      [this](const bus_said& aside) {
        std::visit(overloaded{[this](const bus_typing& typing) { presence_.hear(typing); },
                              [this](const bus_read& read) { read_.hear(read); },
                              [this](const bus_event& event) { presence_.hear(event); }},
                   aside.what);
        core_.flush();
      },
      [this](const members_elsewhere& news) {
        membership_.hear(news);
        core_.flush();
      },
      [this](const room_broadcast& what) {
        auto outcome = presence_.tell_foreign(what);
        core_.flush();
        return outcome;
      },
  };
}

/// What is handled in one turn leaves in one message to each relay. That holds on an io thread,
/// which hands the room no message before this returns; a scheduler of CAF may do so.
caf::resumable::resume_result room::resume(caf::execution_unit* on, std::size_t most) {
  const auto result = room_actor::base::resume(on, most);
  if (is_pinned()) core_.flush();
  return result;
}

void room::flush_soon() {
  if (!is_pinned()) core_.flush();
}

void room::on_exit() {
  core_.flush(); // what was said before in this turn
  if (core_.setup) {
    compat::unwatch(this, core_.setup->writer);
    core_.setup->bus.send(bus_unsubscribe{core_.id(), id()});
    if (core_.setup->presence)
      compat::anon_send(core_.setup->presence, presence_unlisten{core_.id(), id()});
  }
  check_.clear();
  moderate_.clear();
  storage_.clear();
  follow_.clear();
  core_.clear();
}

void room::take(room_request request) {
  const bool waits = core_.lanes.must_wait(request.socket().session, is_write(request.command));
  if ((waits || is_read(request.command)) && is_crowded(request.command)) {
    const auto why = core_.rights.judge(*request.who, request.command);
    if (why && !core_.rights.may_repeat(*request.who, request.command))
      return core_.outbox.refuse(request, *why);
    core_.count(refused_by::requests_per_room);
    return core_.outbox.refuse(request, too_many_wait);
  }
  if (!waits) return run(request);
  core_.lanes.wait(std::move(request));
}

/// Runs what is asked for over HTTP. It belongs to no session, so it need not wait for a turn.
caf::result<call_outcome> room::take(room_call& call) {
  auto promise = make_response_promise<call_outcome>();
  room_request request{
      http_asker{promise}, std::move(call.who),
      std::visit([](auto& command) -> room_command { return std::move(command); },
                 call.command)};
  run(request);
  core_.flush();
  return promise;
}

/// True if the command must be refused because too much waits. A leave is never refused, since
/// its session has left already.
bool room::is_crowded(const room_command& command) const {
  const auto waiting = core_.lanes.waiting() + storage_.reads().size();
  return waiting >= core_.settings().requests_per_room &&
         !std::holds_alternative<command::leave_room>(command);
}

/// Takes a session's notice in its turn; it is never refused.
template <class Notice>
void room::take_notice(const Notice& notice) {
  if (!core_.lanes.must_wait(notice.from, false)) return run(notice);
  core_.lanes.wait(notice);
}

/// The command stays in its request, which is passed on with whatever it waits for.
void room::run(room_request& request) {
  if (const auto why = core_.rights.judge(*request.who, request.command)) {
    if (core_.rights.may_repeat(*request.who, request.command))
      return check_.run_repeat(request);
    return core_.outbox.refuse(request, *why);
  }
  const overloaded hand_on{
      [&](command::join_room& command) { join_.run(request, command); },
      [&](command::leave_room& command) { leave_.run(request, command); },
      [&](command::send_message& command) { check_.run(request, command); },
      [&](command::edit_message& command) { check_.run(request, command); },
      [&](command::delete_message& command) { check_.run(request, command); },
      [&](command::mark_read& command) { read_.run(request, command); },
      [&](command::set_typing& command) { presence_.run(request, command); },
      [&](command::get_messages& command) { read_.run(request, command); },
      [&](command::search_messages& command) { read_.run(request, command); },
      [&](command::get_members& command) { presence_.run(request, command); },
      [&](command::configure_room& command) { moderate_.run(request, command); },
      [&](command::put_standing& command) { moderate_.run(request, command); },
      [&](command::lift_standing& command) { moderate_.run(request, command); },
      [&](command::kick_user& command) { moderate_.run(request, command); },
      [&](command::get_standings& command) { moderate_.run(request, command); },
  };
  std::visit(hand_on, request.command);
}

void room::on_written(const write_results& results) {
  core_.outbox.begin_written();
  // The store works again, so it is told again what it could not take before.
  const bool works =
      !storage_.left().empty() && std::ranges::any_of(results, [](const auto& outcome) {
        return !std::holds_alternative<store_error>(outcome);
      });
  for (const auto& outcome : results) {
    if (const auto* foreign = std::get_if<log_part>(&outcome)) {
      follow_.tell(*foreign, foreign_source::batch);
      continue;
    }
    auto origin = core_.writes.pop();
    if (!origin)
      return core_.outbox.end_written(); // answered already, when the writer went down
    hand_back(outcome, *origin);
    follow_.on_written(*origin, outcome);
  }
  storage_.go_on_with_told();
  follow_.go_on();
  if (works) storage_.forget_memberships_again();
  core_.outbox.end_written();
  core_.retire_if_idle();
}

/// Passes the outcome of a write to the verb that asked for it. After that the session's next
/// requests may run.
void room::hand_back(const write_outcome& outcome, pending_write& origin) {
  const overloaded to_verb{
      [&](const appended& result) { publish_.on_outcome(result, *origin.request); },
      [&](const changed& result) { check_.on_outcome(result, *origin.request); },
      [&](const marked& result) { read_.on_outcome(result, *origin.request); },
      [&](store_error why) { publish_.on_outcome(why, *origin.request); },
      // A room creates no rooms, and everything else that it asks for has a handler.
      [](const room_record&) {},
      [](const noted&) {},
      [](const room_position&) {},
      [](const standing&) {},
      [](const expelled&) {},
      [](const log_part&) {},
      [](const room_order&) {},
  };
  if (origin.handle)
    origin.handle(outcome);
  else
    std::visit(to_verb, outcome);
  const auto* socket = origin.request ? origin.request->from_socket() : nullptr;
  if (socket == nullptr) return;
  core_.lanes.end_write(socket->session);
  core_.advance(socket->session);
}

/// Answers writes that may or may not have been stored: clients get an error and repeat.
void room::on_writer_down() {
  const write_outcome unknown{store_error::io};
  for (auto& origin : core_.writes.close())
    hand_back(unknown, origin);
  storage_.go_on_with_told();
  follow_.go_on(); // what came before these writes is read now
  core_.retire_if_idle();
  core_.flush();
}

void room::on_tick() {
  const auto now = core_.now();
  if (!core_.ticks.take(now)) return;
  presence_.expire_typing(now);
  storage_.on_tick(now);
  follow_.on_tick();
  presence_.tell_due_changes(now);
  if (core_.life.is_over(now) && core_.is_idle()) on_lingered();
  presence_.ask_for_tick();
  if (const auto end = core_.life.end()) core_.tick_at(*end);
  storage_.ask_for_tick();
}

/// Tells the store once more which sessions it has yet to forget, before the room forgets them
/// itself.
void room::on_lingered() {
  if (!storage_.left().empty()) return storage_.forget_memberships_again();
  if (!core_.life.ask()) return;
  const retire_room question{core_.id(), core_.life.leases_ever()};
  compat::request(this, core_.setup->directory, caf::infinite, question)
      .then([this](bool granted) {
        core_.life.answered();
        if (granted)
          quit();
        else
          core_.retire_if_idle();
      });
}

} // namespace hubbub
