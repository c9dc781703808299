#include "actors/room/room_recover.hpp"

#include <algorithm>
#include <chrono>
#include <memory>
#include <numeric>
#include <unordered_map>
#include <utility>
#include <vector>

namespace hubbub {

namespace {

constexpr auto return_timeout = std::chrono::seconds{30};

std::size_t bytes_of(const std::vector<missed_message>& messages) {
  return std::accumulate(
      messages.begin(), messages.end(), std::size_t{0},
      [](std::size_t sum, const auto& each) { return sum + each.json.size(); });
}

/// Returns the label of events that are told anew, all at once: a queue that cannot hold them
/// skips them, whatever the room does to slow readers. A client that were closed instead would
/// come back, and be told them all anew, for ever.
room_label_ptr skippable(const room_label& label) {
  auto made = std::make_shared<room_label>(label);
  made->policy = slow_reader_policy::resync;
  return made;
}

/// Returns the newest change in these messages.
revision newest_of(const std::vector<missed_message>& messages) {
  revision newest;
  for (const auto& each : messages)
    newest = std::max(newest, each.what.rev);
  return newest;
}

} // namespace

void room_recover::run(room_return request) {
  const auto& here = core_.history;
  if (!storage_.is_shared() ||
      (request.after.seq <= here.last_seq() && request.after.rev <= here.last_rev()))
    return begin(std::move(request));
  // The session was told more by another node than this room knows yet.
  const auto asked = std::make_shared<room_return>(std::move(request));
  const log_point wanted{asked->after.seq, asked->after.rev};
  follow_.once_current(asked->from, wanted, [this, asked] { begin(std::move(*asked)); });
}

void room_recover::begin(room_return request) {
  const auto session = request.from;
  const auto& who = *request.who;
  const auto id = who.recovery->identity.id;
  if (storage_.left().contains(id) || core_.rights.may_join(who)) {
    membership_.turn_away(session, who);
    return core_.flush();
  }
  // A user who may read a private room without being on its roster may read every room.
  const bool sees_all = !permissions::may_read(*who.access, {core_.name(), true, {}});
  core_.lanes.hold(session);
  const find_missed missed{id, request.after, core_.history.last_seq(), max_since, sees_all};
  core_.returning.begin(std::move(request), core_.history.position());
  compat::request(core_.self, storage_.next_reader(), return_timeout, missed)
      .then([this, session](const missed_outcome& outcome) { on_missed(session, outcome); },
            [this, session](const caf::error&) {
              on_missed(session, unexpected(store_error::io));
            });
}

/// Lets a returning session in: what was read and what the room said since then meet the coming
/// events.
void room_recover::on_missed(session_id session, const missed_outcome& outcome) {
  if (outcome && storage_.is_behind(newest_of(outcome->messages)))
    return storage_.once_told(session, newest_of(outcome->messages),
                              [this, session, outcome] { on_missed(session, outcome); });
  if (may_still_return(session, outcome && outcome->lost)) let_in(session, outcome);
  core_.lanes.release(session);
  core_.advance(session);
  core_.retire_if_idle(); // its departure may have waited
  core_.flush();
}

/// False if the session was turned away since its log was requested, or must be now.
bool room_recover::may_still_return(session_id session, bool is_lost) {
  const auto who = core_.returning.find(session);
  if (!who) return false;
  if (!is_lost && !core_.rights.may_join(*who)) return true;
  core_.returning.take(session);
  membership_.turn_away(session, *who);
  return false;
}

/// What cannot be told is replaced by a gap, which must cover edits and deletions too: a client
/// that is not told of them would show for ever what was deleted.
void room_recover::let_in(session_id session, const missed_outcome& outcome) {
  const auto back = core_.returning.take(session);
  const auto& request = back->request;
  const bool has_changes = outcome && outcome->has_changes && !back->too_much &&
                           bytes_of(outcome->changes) <= max_since_bytes;
  if (has_changes && outcome->has_messages &&
      bytes_of(outcome->messages) + bytes_of(outcome->changes) <= max_since_bytes)
    replay(*back, session, *outcome);
  else if (has_changes)
    replay_around_gap(*back, session, *outcome);
  else
    membership_.tell_gap(session, *request.who, outcome ? outcome->first_seq : sequence{1});
  const bool is_new = membership_.add(session, request.who);
  core_.outbox.say(session,
                   enter_room{core_.id(), session, nullptr, core_.history.position(), false});
  membership_.tell_mute(session, *request.who);
  if (is_new) presence_.tell_joined({request.who->user_id, request.who->username}, session);
}

/// Tells a session what it missed. The seam between the log and the room's later events is the
/// room's position at the time the log was requested. Changes up to there are told from the
/// log, later ones as the room told them, although the store, which may be ahead, may have had
/// them. Only a message that was missed entirely may be told in the state after a later change;
/// that change is not told again then.
void room_recover::replay(const returning_session& back, session_id session,
                          const missed_page& missed) {
  const auto& request = back.request;
  const auto& after = request.after;
  const auto seam = back.asked_at.rev;
  const auto label = skippable(*core_.label);
  core_.note({.kind = trace_kind::returned,
              .seq = after.seq.value,
              .number = missed.messages.size() + missed.changes.size() + back.meanwhile.size(),
              .connection = trace_connection::of(session)},
             request.who->user_id);
  if (request.gap_from)
    core_.outbox.say(
        session,
        tell{session, event::gap(core_.id(), core_.name(), *request.gap_from, after.seq), {}});
  replay_changes(back, session, missed, label);
  std::unordered_map<sequence, revision> told;
  for (const auto& each : missed.messages) {
    const auto& [what, json] = each;
    if (what.rev > seam) told.emplace(what.seq, what.rev);
    core_.outbox.say(session, tell{session,
                                   event::stored(what, json, {label, what.seq, what.seq}),
                                   {{core_.id(), what.seq, std::max(after.rev, seam)}}});
  }
  for (const auto& each : back.meanwhile) {
    const auto found = told.find(each.about);
    if (found == told.end() || found->second < each.after.rev)
      core_.outbox.say(session, tell{session, each.what, each.after});
  }
}

/// Tells a session of the edits and deletions of messages that it has, which come first: so an
/// offset between any two of these events names a position from which the rest, and nothing
/// else, follows.
void room_recover::replay_changes(const returning_session& back, session_id session,
                                  const missed_page& missed, const room_label_ptr& label) {
  if (missed.changes.empty()) return;
  const auto after = back.request.after.seq;
  const auto [first, last] = std::ranges::minmax(
      missed.changes, {}, [](const missed_message& each) { return each.what.seq; });
  for (const auto& [what, json] : missed.changes)
    if (what.rev <= back.asked_at.rev)
      core_.outbox.say(session, tell{session,
                                     event::message_changed(
                                         what, json, {label, first.what.seq, last.what.seq}),
                                     {{core_.id(), after, what.rev}}});
}

/// Tells a session that missed too many messages what became of those that it has.
void room_recover::replay_around_gap(const returning_session& back, session_id session,
                                     const missed_page& missed) {
  const auto& request = back.request;
  const auto after = request.after.seq;
  replay_changes(back, session, missed, skippable(*core_.label));
  membership_.tell_gap(session, *request.who,
                       request.gap_from.value_or(sequence{after.value + 1}));
  for (const auto& each : back.meanwhile)
    if (each.about <= after) core_.outbox.say(session, tell{session, each.what, each.after});
}

} // namespace hubbub
