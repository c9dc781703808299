#include "actors/session/chat.hpp"

#include "actors/crypto/random_id.hpp"
#include "actors/room/room_lease.hpp"
#include "proto/access/permissions.hpp"
#include "proto/chat/chat_event.hpp"
#include "proto/overloaded.hpp"
#include "proto/trace/trace_request.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string>
#include <utility>

namespace hubbub {

namespace {

/// Longer than the recovery actor's own waits, and shorter than a client waits.
constexpr auto reclaim_timeout = std::chrono::seconds{35};

const error too_many_requests{error_code::overloaded,
                              "too many requests wait for an answer; try again soon"};

const room_ref& room_of(const room_command& command) {
  return std::visit([](const auto& c) -> const room_ref& { return c.room; }, command);
}

/// Returns why the user left, in the word for members. Nothing at shutdown, when all leave and
/// come back.
std::optional<leave_reason> to_leave_reason(close_reason reason) {
  switch (reason) {
  case close_reason::shutdown: return std::nullopt;
  case close_reason::lease_lost:
  case close_reason::ping_timeout: return leave_reason::timeout;
  case close_reason::slow_reader: return leave_reason::slow_reader;
  case close_reason::client_close:
  case close_reason::client_disconnect:
  case close_reason::token_expired:
  case close_reason::superseded:
  case close_reason::transport_error:
  case close_reason::parse_error:
  case close_reason::duplicate_poll:
  case close_reason::connect_timeout:
  case close_reason::connect_refused:
  case close_reason::rate_limited:
  case close_reason::server_full:
  case close_reason::server_disconnect: return leave_reason::disconnect;
  }
  return leave_reason::disconnect;
}

rate_accounts* accounts_of(const chat_setup& setup, session_id id) {
  return id.thread < setup.actors.accounts.size() ? setup.actors.accounts[id.thread].get()
                                                  : nullptr;
}

/// Tells the program around the chat, if it wants to know.
void tell_host(const chat_setup& setup, session_id id, chat_notice news) {
  if (const auto desk = setup.actors.hooks.for_notices(id.thread))
    compat::anon_send(desk, std::move(news));
}

/// True if whoever is kept out for this has not been asked who it is. It is not recorded, since
/// it may come again and again, and all that is known of it is in the log.
bool is_nobody(connect_refusal why) {
  return why == connect_refusal::unknown_namespace || why == connect_refusal::rate_limited;
}

/// Counts, records and logs that a client is kept out; returns the answer to its CONNECT.
refusal keep_out(const chat_setup& setup, session_id id, connection& out, kept_out why) {
  const auto& counters = setup.actors.refusals;
  note_kept_out(counters, id.thread, why.why);
  if (!is_nobody(why.why))
    note_kept_out_step(counters, id.thread,
                       {.kind = trace_kind::kept_out,
                        .code = static_cast<std::uint8_t>(why.why),
                        .connection = trace_connection::of(id)},
                       why.user_id, why.key_id);
  out.on_kept_out({to_string(why.why), why.sentence, why.user_id, why.key_id});
  return std::move(why.answer);
}

/// True if nobody wants the session back after this reason, or may have it.
bool is_for_good(close_reason reason) {
  return reason == close_reason::client_disconnect || reason == close_reason::server_disconnect;
}

std::shared_ptr<const auth_slot> slot_of(const chat_setup& setup, session_id id) {
  return id.thread < setup.auth.size() ? setup.auth[id.thread] : std::make_shared<auth_slot>();
}

} // namespace

chat::chat(const session_context& context, chat_setup_ptr setup)
    : self_(context.self), id_(context.id), out_(context.out.get()), setup_(std::move(setup)),
      rates_(*context.self, accounts_of(*setup_, id_), setup_->actors.limiter,
             setup_->settings.rates),
      who_(slot_of(*setup_, id_), setup_->clock) {}

admission chat::on_connect(std::string_view nsp, json::value auth) {
  const auto keep_away = [this](kept_out why) {
    return keep_out(*setup_, id_, *out_, std::move(why));
  };
  const bool is_beside = nsp != main_namespace;
  if (is_beside && !setup_->beside.contains(nsp))
    return keep_away({{R"({"message":"Invalid namespace"})"},
                      connect_refusal::unknown_namespace,
                      "there is no such namespace"});
  const auto bytes = self_->take_received_bytes();
  if (const auto why = rates_.connect(bytes))
    return keep_away({refused(*why), connect_refusal::rate_limited, why->message});
  if (is_beside) {
    if (!beside_) beside_ = std::make_unique<side_namespaces>();
    return beside_->open(setup_->beside, nsp, {self_, id_, self_->out(), self_->relay()})
        .on_connect(nsp, auth);
  }
  arrival_ = std::make_unique<arrival>();
  if (auto why = who_.identify(auth, settings().limits, *arrival_))
    return keep_away(std::move(*why));
  auto asked = parse_recovery(auth, settings().limits.rooms_per_socket);
  if (setup_->actors.hooks.admits) {
    ask_host(auth, asked, bytes);
    return decided_later{};
  }
  return let_in(std::move(asked), bytes);
}

/// Lets a client in as the user that it is, whose rate its CONNECT counts for: not before the
/// host has said who that is, or a stranger could use up somebody else's.
admission chat::let_in(recovery_request asked, std::size_t bytes) {
  const auto user = arrival_->user_id();
  if (const auto why = rates_.connect_as(user, bytes))
    return keep_out(
        *setup_, id_, *out_,
        {refused(*why), connect_refusal::rate_limited, why->message, std::string{user}});
  if (!asked.wanted && !out_->wants_recovery) {
    if (setup_->actors.bridge) arrival_->sid = random_id();
    return welcome{arrival_->sid, {}};
  }
  arrival_->begin_session();
  if (!asked.pid) return begin_recoverable();
  reclaim(std::move(asked));
  return decided_later{};
}

void chat::on_connected(std::string_view nsp, json::value auth) {
  if (nsp != main_namespace) return beside_->at(nsp).on_connected(nsp, auth);
  attach_connection here{id_, self_->out()};
  if (setup_->actors.bridge)
    here.sid = arrival_->session ? arrival_->session->sid : arrival_->sid;
  if (arrival_->session) {
    here.recovery = arrival_->session->identity;
    here.secret = setup_->actors.secret;
    here.positions = arrival_->positions(seats_.missed());
    here.tells_offset = !arrival_->recovered && !seats_.missed().empty();
  }
  compat::anon_send(self_->relay(), std::move(here));
  const auto arrived = std::exchange(arrival_, nullptr);
  who_.become(arrived->named(), arrived->by_host);
  show_name(arrived->recovered           ? trace_return::recovered
            : arrived->reclaimed.empty() ? trace_return::fresh
                                         : trace_return::not_recovered);
  if (arrived->recovered)
    for (const auto& [room, after, gap_from] : arrived->recovered->rooms) {
      seats_.take_back(room);
      compat::anon_send(room->room(), room_return{id_, who_.current(), after, gap_from});
    }
  count_connection();
  await_expiry();
}

/// Lets the connection know the user's name, which logs tell.
void chat::show_name(trace_return how) {
  const auto& who = who_.current();
  if (who->user_id.empty()) return;
  out_->user_id = {who, &who->user_id};
  note({.kind = trace_kind::connected, .code = static_cast<std::uint8_t>(how)});
  tell_host(*setup_, id_, {notice_kind::connected, who->user_id, who->username});
}

void chat::note(trace_record step) const {
  if (who_->user_id.empty()) return;
  step.connection = trace_connection::of(id_);
  note_step(setup_->actors.refusals, id_.thread, step, who_->user_id);
}

admission chat::begin_recoverable() {
  compat::anon_send(setup_->actors.recovery,
                    session_started{arrival_->session->identity.id, session_actor{self_}});
  return welcome{arrival_->session->sid, arrival_->pid};
}

void chat::reclaim(recovery_request asked) {
  std::optional<std::string> user_id;
  // Nobody becomes a user whom the host has not let in: without a name only a session without
  // one is recovered then.
  const auto user = arrival_->user_id();
  if (!user.empty() || setup_->actors.hooks.admits) user_id = user;
  arrival_->reclaimed = std::move(*asked.pid);
  compat::request(self_, setup_->actors.recovery, reclaim_timeout,
                  reclaim_session{session_actor{self_}, arrival_->reclaimed,
                                  std::move(asked.offset), user_id, arrival_->access,
                                  arrival_->session})
      .then([this](const reclaim_outcome& outcome) { on_reclaimed(outcome); },
            [this](const caf::error&) { on_reclaimed(unexpected(missed_rooms{})); });
}

void chat::on_reclaimed(const reclaim_outcome& outcome) {
  if (!outcome) {
    seats_.owe(outcome.error());
    return self_->socket().decide(main_namespace, begin_recoverable());
  }
  seats_.owe(outcome->missed);
  arrival_->go_on(*outcome);
  self_->socket().decide(main_namespace, welcome{outcome->sid, arrival_->pid});
}

void chat::on_event(event_packet event) {
  errand todo{event.id, event.name(), {}};
  const auto bytes = self_->take_received_bytes();
  if (beside_ && event.nsp != main_namespace) {
    if (rates_.event(bytes, who_->user_id)) return;
    auto& application = beside_->at(event.nsp);
    return application.on_event(std::move(event));
  }
  if (who_.expired()) return expire();
  if (event.numeric_name()) {
    const auto why = rates_.event(bytes, who_->user_id);
    return answer(todo,
                  why.value_or(error{error_code::unknown_event, "event names are strings"}));
  }
  auto command = parse_command(todo.event, event.data.root().at(1), settings().limits);
  if (const auto why = command ? rates_.event(*command, bytes, who_->user_id)
                               : rates_.event(bytes, who_->user_id))
    return answer(todo, *why);
  if (!command) {
    const bool is_foreign = command.error().code == error_code::unknown_event;
    if (is_foreign && setup_->actors.hooks.takes_events) return pass_on(todo, event);
    return answer(todo, command.error());
  }
  std::visit(overloaded{[&](room_command& wanted) { queue(todo, wanted); },
                        [&](const command::refresh_token& wanted) { refresh(todo, wanted); }},
             *command);
}

/// Queues an event for its room.
void chat::queue(errand& todo, room_command& command) {
  if (out_->requests_in_flight >= settings().requests_per_socket) {
    note_refusal(setup_->actors.refusals, id_.thread, refused_by::requests_per_socket);
    return answer(todo, too_many_requests);
  }
  ++out_->requests_in_flight;
  todo.command = std::move(command);
  errands_.push(std::move(todo));
  pump();
}

/// Counts an ack. The chat sends nothing that wants an answer, but reading one costs work
/// nevertheless.
void chat::on_ack(ack_packet ack) {
  const bool is_beside = beside_ && ack.nsp != main_namespace;
  if (!is_beside && who_.expired()) return expire();
  const auto too_fast = rates_.event(self_->take_received_bytes(), who_->user_id);
  if (!is_beside || too_fast) return;
  auto& application = beside_->at(ack.nsp);
  application.on_ack(std::move(ack));
}

void chat::on_disconnect(std::string_view nsp, close_reason reason) {
  if (nsp != main_namespace) return beside_->at(nsp).on_disconnect(nsp, reason);
  // What rooms still send to this session is not for the one that may follow it.
  compat::anon_send(self_->relay(), detach_connection{id_});
  note({.kind = trace_kind::ended, .code = static_cast<std::uint8_t>(reason)});
  if (!who_->user_id.empty()) {
    chat_notice news{notice_kind::gone, who_->user_id, who_->username};
    news.why = to_string(reason);
    tell_host(*setup_, id_, std::move(news));
  }
  const auto gone = id_;
  id_.life = ++out_->life;
  out_->requests_in_flight = 0;
  out_->join_outcomes.clear();
  counted_ = {};
  errands_.clear();
  const auto rooms = seats_.leave_all();
  const auto why = to_leave_reason(reason);
  for (const auto& room : rooms)
    compat::anon_send(room->room(), room_departure{gone, why});
  if (why && who_->recovery)
    compat::anon_send(setup_->actors.recovery,
                      session_ended{who_->recovery->identity.id, is_for_good(reason)});
}

/// Passes on events, until one has to wait for its room to be found.
void chat::pump() {
  while (const auto* next = errands_.next()) {
    const auto& ref = room_of(next->command);
    if (const auto room = seats_.find(ref)) {
      auto todo = errands_.pop();
      dispatch(todo, room);
      continue;
    }
    const auto* name = std::get_if<std::string>(&ref);
    if (const auto why = name ? permissions::may_name(*who_->access, *name) : std::nullopt)
      fail(errands_.pop(), *why);
    else
      resolve(false);
  }
}

/// Asks for the first errand's room. The directory always answers: its own waits for the store
/// end, and its death is reported. A timeout here would wake the clock's thread for each join,
/// twice.
void chat::resolve(bool create) {
  errands_.hold();
  compat::request(self_, setup_->actors.directory, caf::infinite,
                  resolve_room{room_of(errands_.front().command), create,
                               permissions::owner_of_new_room(*who_->access)})
      .then([this, asker = id_,
             create](const resolve_outcome& outcome) { on_resolved(asker, outcome, create); },
            [this, asker = id_](const caf::error&) {
              on_resolved(
                  asker, unexpected(error{error_code::storage_error, "the server is stopping"}),
                  true);
            });
}

/// Handles the directory's answer; an answer to a session that has left the namespace is stale.
/// Only a room that is found missing counts as created: clients that return join many rooms and
/// create none.
void chat::on_resolved(session_id asker, const resolve_outcome& outcome, bool create) {
  if (asker != id_) return;
  auto verdict = outcome;
  if (!create && !outcome && outcome.error().code == error_code::not_found &&
      may_create(errands_.front().command)) {
    auto too_early = rates_.create(who_->user_id);
    if (!too_early) return resolve(true);
    verdict = unexpected(std::move(*too_early));
  }
  auto todo = errands_.pop();
  if (verdict)
    dispatch(todo, *verdict);
  else
    fail(todo, verdict.error());
  pump();
}

bool chat::may_create(const room_command& command) const {
  const auto* join = std::get_if<command::join_room>(&command);
  const auto* name = join ? std::get_if<std::string>(&join->room) : nullptr;
  return settings().auto_create_rooms && name != nullptr &&
         !permissions::may_create_room(*who_->access, *name);
}

void chat::dispatch(errand& todo, const room_lease_ptr& room) {
  seats_.hear_all(out_->join_outcomes);
  if (std::holds_alternative<command::join_room>(todo.command)) {
    if (const auto why = enter(todo, room)) return fail(todo, *why);
  }
  const bool leaving = std::holds_alternative<command::leave_room>(todo.command);
  const bool joining = std::holds_alternative<command::join_room>(todo.command);
  room_request request{socket_asker{id_, todo.ack, std::move(todo.event),
                                    joining ? seats_.missed_from(room->id()) : std::nullopt,
                                    joining ? seats_.latest_join() : 0},
                       who_.current(), std::move(todo.command)};
  compat::anon_send(room->room(), std::move(request));
  if (leaving) seats_.leave(room->id(), who_->recovery != nullptr);
}

/// Names the client, and counts its rooms.
std::optional<error> chat::enter(errand& todo, const room_lease_ptr& room) {
  const auto& command = std::get<command::join_room>(todo.command);
  if (who_->user_id.empty()) {
    if (setup_->actors.hooks.admits)
      return error{error_code::forbidden, "say your name when you connect"};
    if (!command.username) return command.username.error();
    who_.take_name(*command.username);
    show_name();
    count_connection();
  }
  seats_.count_join();
  // The room refuses it in its own words, since it may be private.
  if (permissions::may_join(*who_->access, {room->name()})) return std::nullopt;
  const auto max = settings().limits.rooms_per_socket;
  if (!seats_.contains(room->id()) && !seats_.has_free(max)) {
    note_refusal(setup_->actors.refusals, id_.thread, refused_by::rooms_per_socket);
    return error{error_code::limit_exceeded,
                 "a socket may be in " + std::to_string(max) + " rooms at once"};
  }
  seats_.take(room);
  return std::nullopt;
}

/// Ends an errand that reached no room.
void chat::fail(const errand& todo, const error& why) {
  if (out_->requests_in_flight > 0) --out_->requests_in_flight;
  answer(todo, why);
}

void chat::answer(const errand& todo, const error& why) {
  note_error(setup_->actors.refusals, id_.thread, why.code);
  note({.kind = trace_kind::refused,
        .code = static_cast<std::uint8_t>(why.code),
        .what = trace_request_of(todo.event)});
  out_->send(todo.ack ? error_ack(*todo.ack, why) : event::error(todo.event, why));
}

} // namespace hubbub
