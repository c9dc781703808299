// Recoverable sessions: they come and go in the store too, and return to what they missed.
#include "actors/room/room.hpp"

#include <chrono>
#include <numeric>
#include <utility>

namespace hubbub {

namespace {

constexpr auto read_timeout = std::chrono::seconds{30};
/// Messages whose ack reached nobody, though the store says otherwise: kept until it knows.
constexpr std::size_t max_unheard = 1'000;
/// Sessions that left while the store could not be told.
constexpr std::size_t max_left = 1'000;

std::size_t bytes_of(const std::vector<missed_message>& messages) {
  return std::accumulate(
      messages.begin(), messages.end(), std::size_t{0},
      [](std::size_t sum, const auto& each) { return sum + each.json.size(); });
}

} // namespace

/// The join is acked when the store knows that the session is in here, from this place in the
/// log on: the outcome comes when the room is exactly there.
void room::store_join(room_request request, room_view view, bool gap) {
  if (const auto why = refusal()) return answer_error(request, *why);
  const auto session = request.from;
  const auto who = request.who;
  auto join = std::make_shared<stored_join>(
      stored_join{std::move(request), std::move(view), gap, position()});
  write_and_hold(
      session,
      enter_recoverable{who->recovery->identity.id, who->recovery->identity.pid_hash,
                        who->recovery->sid, who->user_id, who->username, id_},
      [this, join](const write_outcome& outcome) { on_join_stored(*join, outcome); });
}

/// The room has changed its mind about a join that is on its way into the store, or in it.
void room::forget_join(const room_request& request) {
  if (!request.who->recovery) return;
  const auto id = request.who->recovery->identity.id;
  note_left(id);
  if (!writer_down_)
    send_to_writer(leave_recoverable{id, id_},
                   pending_write{{}, {}, [](const write_outcome&) {}});
}

void room::on_join_stored(stored_join& join, const write_outcome& outcome) {
  auto& [request, view, gap, up_to] = join;
  const auto id = request.who->recovery->identity.id;
  if (const auto* failed = std::get_if<store_error>(&outcome)) {
    // An earlier attempt may have been stored.
    if (!members_.contains(request.from)) note_left(id);
    return answer_error(request, to_error(*failed));
  }
  const auto& command = std::get<join_room>(request.command);
  const bool since = command.since && !gap;
  const bool edited = last_rev_.value - up_to.rev.value != last_seq_.value - up_to.seq.value;
  const bool caught_up = command.since > up_to.seq && command.since <= last_seq_;
  if (edited || caught_up || !recent_.covers(up_to.seq, last_seq_)) // it is old: once more
    return run(request);
  left_.erase(id);
  auto& messages = view.page.messages;
  recent_.copy_after(up_to.seq, messages);
  if (const auto count = std::ssize(messages); !since && count > command.history)
    messages.erase(messages.begin(), messages.begin() + (count - command.history));
  admit(request, view, gap);
}

void room::store_leave(room_request request) {
  if (writer_down_) return leave_now(request);
  const auto session = request.from;
  const auto leave = std::make_shared<room_request>(std::move(request));
  const auto id = leave->who->recovery->identity.id;
  // A store that fails keeps nobody in a room; and the room knows better for a while.
  write_and_hold(session, leave_recoverable{id, id_},
                 [this, leave, id](const write_outcome& outcome) {
                   if (!std::holds_alternative<noted>(outcome)) note_left(id);
                   leave_now(*leave);
                 });
}

/// The store may believe the session to be here, and is wrong.
void room::note_left(recovery_id session) {
  if (left_.size() < max_left) left_.insert(session);
}

/// Once more, before the room forgets it.
void room::store_left() {
  for (const auto id : left_)
    send_to_writer(leave_recoverable{id, id_},
                   pending_write{{}, {}, [this, id](const write_outcome& outcome) {
                                   if (std::holds_alternative<noted>(outcome)) left_.erase(id);
                                 }});
}

/// Writes what a session has to wait for: its later requests run behind the outcome.
void room::write_and_hold(session_id session, write_op operation, outcome_handler handle) {
  ++lanes_[session].reads;
  send_to_writer(
      std::move(operation),
      pending_write{
          {}, {}, [this, session, handle = std::move(handle)](const write_outcome& outcome) {
            --lanes_[session].reads;
            handle(outcome);
            advance(session);
          }});
}

/// True if the session's end has come, though its turn has not.
bool room::is_leaving(session_id session) const {
  const auto found = lanes_.find(session);
  return found != lanes_.end() && !found->second.waiting.empty() &&
         std::holds_alternative<room_departure>(found->second.waiting.back());
}

/// The ack of a message found its sender gone: recovered, it wants to hear of the message.
void room::note_unheard(sequence seq) {
  unheard_.insert(seq);
  if (unheard_.size() > max_unheard) unheard_.erase(unheard_.begin());
  send_to_writer(forget_acked{id_, seq},
                 pending_write{{}, {}, [this, seq](const write_outcome& outcome) {
                                 if (std::holds_alternative<noted>(outcome))
                                   unheard_.erase(seq);
                               }});
}

void room::take(room_return request) {
  const auto session = request.from;
  if (left_.contains(request.who->recovery->identity.id)) return;
  if (policy::may_join(*request.who->access, standing_of(request.who->user_id))) {
    turn_away(session, {});
    return flush();
  }
  ++lanes_[session].reads;
  const find_missed missed{request.who->recovery->identity.id,
                           request.after,
                           last_seq_,
                           max_since,
                           {unheard_.begin(), unheard_.end()}};
  returning_.emplace(session, returning{std::move(request), {}});
  compat::request(this, next_reader(), read_timeout, missed)
      .then([this, session](const missed_outcome& outcome) { on_missed(session, outcome); },
            [this, session](const caf::error&) {
              on_missed(session, unexpected(store_error::io));
            });
}

/// False if it was turned away since its log was asked for, or has to be now.
bool room::may_still_return(session_id session) {
  const auto found = returning_.find(session);
  if (found == returning_.end()) return false;
  const auto& who = *found->second.request.who;
  if (!policy::may_join(*who.access, standing_of(who.user_id))) return true;
  returning_.erase(found);
  turn_away(session, {});
  return false;
}

/// What was read ends where the room stood when it was asked for; what the room said since was
/// kept. Together they meet what it will say from now on.
void room::on_missed(session_id session, const missed_outcome& outcome) {
  if (!may_still_return(session)) {
    --lanes_[session].reads;
    advance(session);
    retire_if_idle();
    return flush();
  }
  const auto [request, meanwhile, too_much] = std::move(returning_.extract(session).mapped());
  const auto& after = request.after;
  const auto up_to = outcome ? outcome->up_to : after.seq;
  if (outcome && outcome->whole && !too_much &&
      bytes_of(outcome->messages) + bytes_of(outcome->changes) <= max_since_bytes) {
    for (const auto& [what, json] : outcome->messages)
      say(session, tell{session,
                        new_message_event(json, {label_, what.seq, what.seq}),
                        {{id_, what.seq, after.rev}}});
    for (const auto& [what, json] : outcome->changes)
      say(session, tell{session, changed_event(what, json), {{id_, up_to, what.rev}}});
    for (const auto& [what, at] : meanwhile)
      say(session, tell{session, what, at});
  } else {
    tell_gap(session, sequence{after.seq.value + 1});
  }
  const bool is_new = add_member(session, request.who);
  say(session, enter_room{id_, session, nullptr, position(), false});
  if (is_new) tell_joined(*request.who, session);
  --lanes_[session].reads;
  advance(session);
  retire_if_idle(); // its departure may have waited
  flush();
}

/// What the session missed from here on it will not get.
void room::tell_gap(session_id session, sequence from) {
  if (from <= last_seq_)
    say(session, tell{session, gap_event(id_, name_, from, last_seq_), {}});
}

} // namespace hubbub
