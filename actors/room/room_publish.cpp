// Messages: stored first, then seen.
#include "actors/room/room.hpp"

#include <algorithm>
#include <utility>

namespace hubbub {

namespace {

const error too_many_writes{error_code::overloaded,
                            "too many messages wait to be stored; try again soon"};
const error store_is_gone{error_code::storage_error, "the store has stopped"};

} // namespace

void room::run(room_request& request, send_message& command) {
  const bool may_write = members_.contains(request.from);
  if (!may_write && !command.client_id)
    return outbox_.refuse(request, to_error(store_error::not_repeated));
  // A repeat is answered before membership counts: a client resends before it has rejoined.
  append_message message{id_,
                         request.who->user_id,
                         request.who->username,
                         std::move(command.content),
                         std::move(command.client_id),
                         !may_write};
  write(std::move(message), std::move(request));
}

caf::result<post_outcome> room::post(room_post& message) {
  if (const auto why = policy::may_send(*message.access, standing_of(message.user_id)))
    return post_outcome{unexpected(*why)};
  return write(append_message{id_, std::move(message.user_id), std::move(message.username),
                              std::move(message.content), std::move(message.client_id), false});
}

std::optional<error> room::refusal() const {
  if (writer_down_) return store_is_gone;
  if (writes_.size() < setup_->settings.appends_per_room) return std::nullopt;
  count(refused_by::appends_per_room);
  return too_many_writes;
}

void room::write(write_op operation, room_request&& origin) {
  if (const auto why = refusal()) return outbox_.refuse(origin, *why);
  lanes_.begin_write(origin.from);
  send_to_writer(std::move(operation), pending_write{std::move(origin), {}});
}

caf::result<post_outcome> room::write(write_op operation) {
  if (const auto why = refusal()) return post_outcome{unexpected(*why)};
  auto promise = make_response_promise<post_outcome>();
  send_to_writer(std::move(operation), pending_write{std::nullopt, promise});
  return promise;
}

void room::send_to_writer(write_op operation, pending_write origin) {
  writes_.push_back(std::move(origin));
  compat::anon_send(gate(), write_request{std::move(operation), write_sink{room_actor{this}}});
}

void room::on_written(write_results& results) {
  const bool works = !left_.empty() && std::ranges::any_of(results, [](const auto& outcome) {
    return !std::holds_alternative<store_error>(outcome);
  });
  for (const auto& outcome : results) {
    if (writes_.empty()) return; // answered already, when the writer went down
    auto origin = std::move(writes_.front());
    writes_.pop_front();
    if (origin.handle)
      origin.handle(outcome);
    else
      std::visit([&](const auto& result) { on_outcome(result, origin); }, outcome);
    settle(origin);
  }
  go_on_with_told();
  if (works) store_left();
  retire_if_idle();
}

void room::on_outcome(const appended& result, pending_write& origin) {
  if (result.repeated)
    answer_message(origin, message_json(result.stored, name_), true);
  else
    on_stored(result.stored, origin);
}

void room::on_stored(const message& stored, pending_write& origin) {
  auto json = message_json(stored, name_);
  stop_typing(stored.user_id);
  last_seq_ = stored.seq;
  tell_message(new_message_event(json, {label_, last_seq_, last_seq_}), stored, json, origin);
  recent_.push(stored.seq, std::move(json));
}

/// Answers a write and tells the members of it, in this order: the ack is the sender's copy.
void room::tell_message(const frame_ptr& event, const message& what, const std::string& json,
                        pending_write& origin) {
  last_rev_ = what.rev;
  std::vector<session_id> except;
  const bool acked = origin.request && origin.request->ack;
  if (acked) answer_message(origin, json, false, position());
  if (acked && !setup_->settings.echo_to_sender) except.push_back(origin.request->from);
  say_logged({event, position(), what.seq}, except);
  if (!acked) answer_message(origin, json, false);
}

void room::answer_message(pending_write& origin, const std::string& json, bool repeated,
                          const std::optional<room_position>& at) {
  if (origin.request)
    outbox_.answer(*origin.request,
                   origin.request->ack ? message_ack(*origin.request->ack, json) : nullptr, at);
  else
    origin.post.deliver(post_outcome{posted{json, repeated}});
}

void room::on_outcome(store_error why, pending_write& origin) {
  if (origin.request)
    outbox_.refuse(*origin.request, to_error(why));
  else
    origin.post.deliver(post_outcome{unexpected(to_error(why))});
}

/// Tells all members what the log holds.
void room::say_logged(const logged_event& event, const std::vector<session_id>& except) {
  outbox_.say_all(event.what, except, false, event.after);
  for (auto& [session, each] : returning_) {
    each.too_much = each.too_much || std::ssize(each.meanwhile) >= max_since;
    if (!each.too_much) each.meanwhile.push_back(event);
  }
}

/// The session's next requests may run.
void room::settle(const pending_write& origin) {
  if (!origin.request) return;
  const auto session = origin.request->from;
  lanes_.end_write(session);
  advance(session);
}

/// What was sent may or may not have been stored: the clients hear an error and repeat.
void room::on_writer_down() {
  writer_down_ = true;
  auto lost = std::exchange(writes_, {});
  for (auto& origin : lost) {
    if (origin.handle)
      origin.handle(store_error::io);
    else
      on_outcome(store_error::io, origin);
    settle(origin);
  }
  go_on_with_told();
  retire_if_idle();
  flush();
}

} // namespace hubbub
