// Recoverable sessions: they come and go in the store too, and return to what they missed.
#include "actors/room/room.hpp"

#include <algorithm>
#include <chrono>
#include <numeric>
#include <optional>
#include <unordered_map>
#include <utility>

namespace hubbub {

namespace {

constexpr auto return_timeout = std::chrono::seconds{30};
/// With so many sessions that the store still has to forget, no recoverable one enters any
/// more.
constexpr std::size_t max_left = 1'000;

std::size_t bytes_of(const std::vector<missed_message>& messages) {
  return std::accumulate(
      messages.begin(), messages.end(), std::size_t{0},
      [](std::size_t sum, const auto& each) { return sum + each.json.size(); });
}

/// The newest change in these.
revision newest_of(const std::vector<missed_message>& messages) {
  revision newest;
  for (const auto& each : messages)
    newest = std::max(newest, each.what.rev);
  return newest;
}

/// The earlier of two messages from which on something is missing.
std::optional<sequence> earlier(std::optional<sequence> one, std::optional<sequence> other) {
  return one && other ? std::min(one, other) : (one ? one : other);
}

} // namespace

/// The join is acked when the store knows that the session is in here, from this place in the
/// log on: the outcome comes when the room is exactly there. If its connection has ended since,
/// the join is not stored: the session may go on over another one, which has joined or left the
/// room itself by now.
void room::store_join(room_request request, room_view view, bool gap) {
  if (lanes_.is_leaving(request.from))
    return outbox_.refuse(request, to_error(store_error::session_over));
  if (const auto why = refusal()) return outbox_.refuse(request, *why);
  if (left_.size() >= max_left) return outbox_.refuse(request, to_error(store_error::io));
  const auto session = request.from;
  const auto who = request.who;
  auto join = std::make_shared<stored_join>(
      stored_join{std::move(request), std::move(view), gap, position()});
  enter_recoverable entering{who->recovery->identity.id,
                             who->recovery->identity.pid_hash,
                             who->recovery->sid,
                             who->user_id,
                             who->username,
                             id_};
  entering.afresh = !members_.contains(session);
  left_.erase(who->recovery->identity.id); // from here on it is to be in there
  // Until an offset says that the ack was heard, the session has what it had before: up to
  // `since`, or, where that is too long ago, a gap behind it.
  const auto& asked = join->request;
  entering.gap_from = asked.missed_from;
  if (const auto since = std::get<join_room>(asked.command).since) {
    if (gap && *since < last_seq_)
      entering.gap_from = earlier(entering.gap_from, sequence{since->value + 1});
    else
      entering.since = since;
  }
  write_and_hold(session, std::move(entering), [this, join](const write_outcome& outcome) {
    on_join_stored(*join, outcome);
  });
}

/// The room has changed its mind about a join that is on its way into the store, or in it.
void room::forget_join(const room_request& request) {
  if (request.who->recovery) forget_membership(request.who->recovery->identity.id);
}

void room::on_join_stored(stored_join& join, const write_outcome& outcome) {
  auto& [request, view, gap, up_to] = join;
  const auto id = request.who->recovery->identity.id;
  if (const auto* failed = std::get_if<store_error>(&outcome)) {
    // An earlier attempt may have been stored.
    if (!members_.contains(request.from) && !lanes_.is_leaving(request.from))
      forget_membership(id);
    return outbox_.refuse(request, to_error(*failed));
  }
  const auto& command = std::get<join_room>(request.command);
  const bool since = command.since && !gap;
  const bool edited = last_rev_.value - up_to.rev.value != last_seq_.value - up_to.seq.value;
  const bool caught_up = command.since > up_to.seq && command.since <= last_seq_;
  if (edited || caught_up || !recent_.covers(up_to.seq, last_seq_)) // it is old: once more
    return run(request);
  auto& messages = view.page.messages;
  recent_.copy_after(up_to.seq, messages);
  if (const auto count = std::ssize(messages); !since && count > command.history)
    messages.erase(messages.begin(), messages.begin() + (count - command.history));
  admit(request, view, gap);
}

/// A leave is acked when the store knows that the session is not in here. If it cannot be
/// stored, the session stays in, unless it no longer has the right to. Like a join it is not
/// stored once its connection has ended.
void room::store_leave(room_request request) {
  if (lanes_.is_leaving(request.from)) return leave_now(request);
  if (writer_down_) return refuse_leave(request, to_error(store_error::io));
  const auto session = request.from;
  const auto leave = std::make_shared<room_request>(std::move(request));
  const auto id = leave->who->recovery->identity.id;
  write_and_hold(session, leave_recoverable{id, id_},
                 [this, leave, id](const write_outcome& outcome) {
                   const auto* failed = std::get_if<store_error>(&outcome);
                   const auto& who = *leave->who;
                   if (failed && !policy::may_read(*who.access, standing_of(who.user_id)))
                     return refuse_leave(*leave, to_error(*failed));
                   if (failed) forget_membership(id);
                   leave_now(*leave);
                 });
}

/// The session stays where it is, and its chat hears of that too.
void room::refuse_leave(const room_request& request, const error& why) {
  outbox_.say(request.from, reply{.session = request.from,
                                  .what = refusal_of(request, why),
                                  .refused = join_number{id_, 0}});
}

/// Tells the store that the session is not in here. `store_left` repeats it until that is
/// stored.
void room::forget_membership(recovery_id session) {
  left_.insert(session);
  if (writer_down_) return;
  ++leaves_stored_;
  send_to_writer(leave_recoverable{session, id_},
                 pending_write{{}, {}, [this, session](const write_outcome& outcome) {
                                 --leaves_stored_;
                                 if (std::holds_alternative<noted>(outcome))
                                   left_.erase(session);
                               }});
}

/// Tells the store once more what it has not taken note of: it works again, or the room is
/// about to retire.
void room::store_left() {
  if (leaves_stored_ > 0) return;
  for (const auto session : std::set<recovery_id>{left_})
    forget_membership(session);
}

/// Writes what a session has to wait for: its later requests run behind the outcome.
void room::write_and_hold(session_id session, write_op operation, outcome_handler handle) {
  lanes_.hold(session);
  send_to_writer(
      std::move(operation),
      pending_write{
          {}, {}, [this, session, handle = std::move(handle)](const write_outcome& outcome) {
            lanes_.release(session);
            handle(outcome);
            advance(session);
          }});
}

void room::take(room_return request) {
  const auto session = request.from;
  const auto& who = *request.who;
  const auto id = who.recovery->identity.id;
  if (left_.contains(id) || policy::may_join(*who.access, standing_of(who.user_id))) {
    turn_away(session, who, {});
    return flush();
  }
  // A user who may read a private room without being on its roster may read every room.
  const bool sees_all = !policy::may_read(*who.access, {name_, true, {}});
  lanes_.hold(session);
  const find_missed missed{id, request.after, last_seq_, max_since, sees_all};
  returning_.emplace(session, returning{std::move(request), position(), {}});
  compat::request(this, next_reader(), return_timeout, missed)
      .then([this, session](const missed_outcome& outcome) { on_missed(session, outcome); },
            [this, session](const caf::error&) {
              on_missed(session, unexpected(store_error::io));
            });
}

/// False if it was turned away since its log was asked for, or has to be now.
bool room::may_still_return(session_id session, bool lost) {
  const auto found = returning_.find(session);
  if (found == returning_.end()) return false;
  const auto who = found->second.request.who;
  if (!lost && !policy::may_join(*who->access, standing_of(who->user_id))) return true;
  returning_.erase(found);
  turn_away(session, *who, {});
  return false;
}

/// What was read and what the room said since meet what it will say from now on.
void room::on_missed(session_id session, const missed_outcome& outcome) {
  if (outcome && is_behind(newest_of(outcome->messages)))
    return once_told(session, newest_of(outcome->messages),
                     [this, session, outcome] { on_missed(session, outcome); });
  if (!may_still_return(session, outcome && outcome->lost)) {
    lanes_.release(session);
    advance(session);
    retire_if_idle();
    return flush();
  }
  const auto back = std::move(returning_.extract(session).mapped());
  const auto& request = back.request;
  if (outcome && outcome->whole && !back.too_much &&
      bytes_of(outcome->messages) + bytes_of(outcome->changes) <= max_since_bytes)
    replay(back, session, *outcome);
  else
    tell_gap(session, request.gap_from.value_or(sequence{request.after.seq.value + 1}));
  const bool is_new = add_member(session, request.who);
  outbox_.say(session, enter_room{id_, session, nullptr, position(), false});
  if (is_new) tell_joined(*request.who, session);
  lanes_.release(session);
  advance(session);
  retire_if_idle(); // its departure may have waited
  flush();
}

/// Tells a session what it missed. The seam between the log and what the room said since lies
/// where the room stood when the log was asked for: changes up to there are told from the log,
/// later ones as the room told them, although the store, which may be ahead, may have had them.
/// Only a message that is missed whole may be told as a later change has left it; that change
/// is not told again then.
void room::replay(const returning& back, session_id session, const missed_page& missed) {
  const auto& request = back.request;
  const auto& after = request.after;
  const auto seam = back.asked_at.rev;
  if (request.gap_from)
    outbox_.say(session,
                tell{session, gap_event(id_, name_, *request.gap_from, after.seq), {}});
  const auto is_due = [seam](const missed_message& each) { return each.what.rev <= seam; };
  // The changes come first: they are of messages that the session has, so an offset between any
  // two of these events names a place from which the rest, and nothing else, follows.
  for (const auto& each : missed.changes)
    if (is_due(each))
      outbox_.say(session, tell{session,
                                changed_event(each.what, each.json),
                                {{id_, after.seq, each.what.rev}}});
  std::unordered_map<sequence, revision> told;
  for (const auto& each : missed.messages) {
    const auto& [what, json] = each;
    if (!is_due(each)) told.emplace(what.seq, what.rev);
    outbox_.say(session, tell{session,
                              new_message_event(json, {label_, what.seq, what.seq}),
                              {{id_, what.seq, std::max(after.rev, seam)}}});
  }
  for (const auto& each : back.meanwhile) {
    const auto found = told.find(each.about);
    if (found == told.end() || found->second < each.after.rev)
      outbox_.say(session, tell{session, each.what, each.after});
  }
}

/// What the session missed from here on it will not get.
void room::tell_gap(session_id session, sequence from) {
  if (from <= last_seq_)
    outbox_.say(session, tell{session, gap_event(id_, name_, from, last_seq_), {}});
}

} // namespace hubbub
