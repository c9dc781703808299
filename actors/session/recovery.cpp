#include "actors/session/recovery.hpp"

#include "actors/room/room_lease.hpp"
#include "actors/session/retry_pause.hpp"
#include "proto/access/permissions.hpp"
#include "proto/socket/recovery_offset.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace hubbub {

namespace {

/// A slower store is no help to a client that waits for its CONNECT. A session is looked up
/// anew for as long, if the store fails.
constexpr auto store_timeout = std::chrono::seconds{10};

/// Usual pause before a session is looked up anew in a store that failed.
constexpr auto look_again_interval = std::chrono::milliseconds{200};
/// How long a reclaim may take, without the gaps that are stored if it fails. With these it is
/// shorter than the time after which the client's session goes on without an answer.
constexpr auto longest_reclaim = std::chrono::seconds{24};
/// How long the store is waited for at least, however late it is.
constexpr auto shortest_patience = std::chrono::milliseconds{100};
/// The number of a recovery that has not succeeded yet: its session is looked up anew.
constexpr std::uint64_t not_resumed_yet = 0;

/// How long a store that failed is usually left alone before it is told again that a session
/// lives.
constexpr auto resume_interval = std::chrono::seconds{1};

/// The same before it is told again of what it could not be told of sessions.
constexpr auto tell_again_interval = std::chrono::seconds{1};

/// Returns everything after these positions as missed.
missed_rooms missed_behind(const std::vector<room_position>& positions) {
  missed_rooms missed;
  for (const auto& after : positions)
    missed.push_back({after.room, sequence{after.seq.value + 1}});
  return missed;
}

/// True if everything after `after` can still be replayed.
bool is_whole(const room_record& room, const room_position& after) {
  return room.last_seq.value - after.seq.value <= max_since &&
         after.seq.value + 1 >= room.first_seq.value;
}

} // namespace

recovery::recovery(caf::actor_config& config, writer_actor writer, reader_actor reader,
                   directory_actor directory, const recovery_secret& secret,
                   chat_settings settings, wall_clock clock, refusal_counter_ptr refusals)
    : recovery_actor::base(config), writer_(std::move(writer)), reader_(std::move(reader)),
      directory_(std::move(directory)), seal_(secret), settings_(std::move(settings)),
      clock_(std::move(clock)), refusals_(std::move(refusals)) {}

recovery::behavior_type recovery::make_behavior() {
  return {
      [this](const session_started& started) { on_started(started); },
      [this](const session_ended& ended) { on_ended(ended); },
      [this](reclaim_session& asked) { return on_reclaim(asked); },
      [this](const sessions_taken& news) { on_taken(news); },
      [this](resume_session again) {
        const auto found = records_.find(again.session);
        if (found == records_.end()) return;
        const auto& of = found->second;
        if (again.attempt == not_resumed_yet && of.serving) return look_up(of.reclaims.front());
        if (of.alive && of.resumed == again.attempt) store_resumed(again);
      },
      [this](tell_unsaved) { tell_again(); },
  };
}

void recovery::on_exit() {
  for (const auto& [id, each] : records_) {
    if (each.alive) compat::unwatch(this, each.alive);
    for (const auto& waiting : each.reclaims)
      compat::unwatch(this, waiting->asked.from);
  }
  records_.clear();
  writer_ = nullptr;
  reader_ = nullptr;
  directory_ = nullptr;
}

void recovery::watch(const session_actor& session) {
  compat::watch(this, session, [this](const caf::actor_addr& who) { on_down(who); });
}

void recovery::on_started(const session_started& started) {
  records_[started.session].alive = started.actor;
  watch(started.actor);
}

void recovery::on_ended(const session_ended& ended) {
  const auto found = records_.find(ended.session);
  if (found == records_.end() || !found->second.alive) return;
  compat::unwatch(this, found->second.alive);
  found->second.alive = nullptr;
  end({ended.session, ended.forget});
}

/// Stores the end of a session. A reclaim is served once the store knows of it, since it may
/// forbid the return, or once that has failed.
void recovery::end(const op::end_recoverable& end) {
  records_[end.session].ending = true;
  store(end, [this, end](bool stored) {
    if (stored)
      unsaved_.on_stored(end);
    else
      unsaved_.add(end);
    on_end_stored(end.session);
    tell_later();
  });
}

/// Stores something; `then` is called with whether that has succeeded.
template <class Op>
void recovery::store(const Op& what, const std::function<void(bool)>& then) {
  compat::request(this, writer_, store_timeout, what)
      .then([then](bool stored) { then(stored); }, [then](const caf::error&) { then(false); });
}

void recovery::on_end_stored(recovery_id session) {
  auto& ended = records_[session];
  ended.ending = false;
  if (ended.reclaims.empty() && !ended.alive)
    records_.erase(session);
  else
    serve(session);
}

/// Tells the store after a while of what it could not be told, if there is anything.
void recovery::tell_later() {
  if (!unsaved_.begin_round()) return;
  const auto now = clock().now();
  const auto pause = retry_pause(tell_again_interval, now.time_since_epoch().count(), now);
  compat::delayed_send(this, recovery_actor{this}, pause, tell_unsaved{});
}

/// Tells the store of some of it. An end whose session is being recovered has to wait: it must
/// not come after the recovery.
void recovery::tell_again() {
  const auto round = unsaved_.take_round([this](recovery_id session) {
    const auto found = records_.find(session);
    return found == records_.end() || (!found->second.ending && !found->second.serving);
  });
  if (round.empty()) return tell_later();
  for (const auto& each : round) {
    const auto then = [this, each](bool stored) {
      const auto next = unsaved_.on_told(each, stored);
      if (next == unsaved_sessions::next_step::go_on) tell_again();
      if (next == unsaved_sessions::next_step::begin_new) tell_later();
    };
    std::visit([&](const auto& what) { store(what, then); }, each);
  }
}

/// Handles a session that died without saying so, or that ended before its reclaim.
void recovery::on_down(const caf::actor_addr& address) {
  for (auto& [id, each] : records_)
    for (const auto& waiting : each.reclaims)
      if (waiting->asked.from == address) waiting->has_left = true;
  const auto found = std::ranges::find_if(
      records_, [&](const auto& each) { return each.second.alive == address; });
  if (found != records_.end()) on_ended({found->first, false});
}

/// Ends the connections of sessions that other nodes have recovered. The store decided whose
/// each is; what it says of an earlier life of a session is over.
void recovery::on_taken(const sessions_taken& news) {
  for (const auto& each : news.sessions) {
    const auto found = records_.find(each.session);
    if (found == records_.end() || !found->second.alive) continue;
    if (each.claims > found->second.claims)
      compat::anon_send(found->second.alive, session_event{supersede_session{}});
  }
}

caf::result<reclaim_outcome> recovery::on_reclaim(reclaim_session& asked) {
  const auto identity = identity_of(asked.pid);
  if (waiting_ >= settings_.claims) {
    refusals_->note(refused_by::claims);
    count(recovery_outcome::refused);
    const auto seen = asked.offset ? seal_.open(identity, *asked.offset) : std::nullopt;
    auto missed = seen ? missed_behind(*seen) : missed_rooms{};
    unsaved_.add_owed(identity.id, missed);
    return reclaim_outcome{unexpected(std::move(missed))};
  }
  ++waiting_;
  auto made = std::make_shared<reclaim>(
      reclaim{std::move(asked), identity, make_response_promise<reclaim_outcome>(), {}, {}});
  made->deadline = clock().now() + longest_reclaim;
  watch(made->asked.from);
  records_[identity.id].reclaims.push_back(made);
  serve(identity.id);
  return made->answer;
}

void recovery::serve(recovery_id session) {
  auto& asked = records_[session];
  if (asked.ending || asked.serving || asked.reclaims.empty()) return;
  if (asked.alive) {
    asked.ending = true;
    compat::anon_send(asked.alive, session_event{supersede_session{}});
    return;
  }
  asked.serving = true;
  const auto served = asked.reclaims.front();
  const auto now = clock().now();
  served->give_up_at = std::min(now + store_timeout, served->deadline);
  look_up(served);
}

void recovery::look_up(const reclaim_ptr& served) {
  served->found = {};
  served->missed.clear();
  served->store_failed = false;
  compat::request(this, reader_, patience(*served), find_recoverable{served->identity.id})
      .then(
          [this, served](const recoverable_outcome& outcome) { on_found(served, outcome); },
          [this, served](const caf::error&) { on_found(served, unexpected(store_error::io)); });
}

/// Returns how long the store is waited for now.
std::chrono::milliseconds recovery::patience(const reclaim& served) const {
  const auto left =
      std::chrono::duration_cast<std::chrono::milliseconds>(served.deadline - clock().now());
  return std::clamp<std::chrono::milliseconds>(left, shortest_patience, store_timeout);
}

/// Looks the session up again after a while, since the store failed: a database that starts
/// again must not cost clients their sessions. False if it has failed for too long.
bool recovery::look_again(const reclaim_ptr& served) {
  const auto now = clock().now();
  if (now >= served->give_up_at || served->has_left) return false;
  const auto id = served->identity.id;
  compat::delayed_send(this, recovery_actor{this},
                       retry_pause(look_again_interval, id.value, now),
                       resume_session{id, not_resumed_yet});
  return true;
}

void recovery::on_found(const reclaim_ptr& served, const recoverable_outcome& outcome) {
  if (!outcome && outcome.error() == store_error::io && look_again(served)) return;
  const auto seen =
      served->asked.offset ? seal_.open(served->identity, *served->asked.offset) : std::nullopt;
  // A client with a session's own offset was in it, even if the store has forgotten it.
  if (!outcome || !*outcome) {
    if (seen) served->missed = missed_behind(*seen);
    unsaved_.add_owed(served->identity.id, served->missed);
    return finish(served, false);
  }
  auto session = (*outcome)->session;
  const auto& rooms = (*outcome)->rooms;
  unsaved_.add_owed(served->identity.id, session.owed);
  const auto claimed_at = std::exchange(served->claimed_at, std::nullopt);
  // If nobody else has claimed it, it was the store that failed.
  if (claimed_at && claimed_at == session.claims && look_again(served)) return;
  if (!may_return(*served, session) || unsaved_.forbid(served->identity.id, session.ended_at))
    return finish(served, false);
  std::vector<return_point> points;
  bool whole = !session.user_id.empty() &&
               (!session.ended_at ||
                session.ended_before_ms(clock_()) <= settings_.recovery_window.count());
  for (std::size_t i = 0; i < rooms.size(); ++i) {
    if (rooms[i].id == room_id{}) continue;
    const auto& point = points.emplace_back(
        where_from(session, session.joined[i], seen.value_or(std::vector<room_position>{})));
    // A room that it has lost says so when the session comes; nothing of it is missed.
    if (has_lost(*served, session, rooms[i])) continue;
    served->missed.push_back(
        {rooms[i].id, point.gap_from.value_or(sequence{point.after.seq.value + 1})});
    whole = whole && is_whole(rooms[i], point.after);
  }
  for (const auto& gap : session.owed)
    if (std::ranges::find(session.joined, gap.room, &room_position::room) ==
        session.joined.end())
      served->found.missed.push_back(gap);
  // One that was claimed in vain is another node's, or has been tried for too long.
  if (!whole || claimed_at) return finish(served, false);
  served->found.sid = session.sid;
  served->found.user_id = session.user_id;
  served->found.username = session.username;
  served->claims = session.claims;
  ask_for_rooms(served, points);
}

/// True if the session may be recovered. One that never joined a room has no user yet, and
/// nothing to recover except what it is owed.
bool recovery::may_return(const reclaim& served, const recoverable_session& session) {
  return session.pid_hash == served.identity.pid_hash &&
         (session.user_id.empty() || !served.asked.user_id ||
          *served.asked.user_id == session.user_id);
}

/// True if the user has lost a room of the session meanwhile, by the token too.
bool recovery::has_lost(const reclaim& served, const recoverable_session& session,
                        const room_record& room) {
  const auto& who = *served.asked.access;
  const bool sees_all = !permissions::may_read(who, {room.name, true, {}});
  return std::ranges::count(session.lost, room.id) > 0 ||
         (!sees_all && std::ranges::count(session.hidden, room.id) > 0) ||
         permissions::may_read(who, {room.name}).has_value();
}

/// Returns what the client is known to have: everything up to the base of its membership, by
/// having joined there, or up to its offset. A gap before the base is owed until an offset has
/// come after the base; an earlier offset may have a position before the gap.
recovery::return_point recovery::where_from(const recoverable_session& session,
                                            const room_position& base,
                                            const std::vector<room_position>& seen) {
  return_point point{base, std::nullopt};
  const auto found = std::ranges::find(seen, base.room, &room_position::room);
  const auto owed = std::ranges::find(session.owed, base.room, &owed_gap::room);
  if (owed != session.owed.end() && owed->from <= base.seq &&
      (found == seen.end() || found->seq < base.seq))
    point.gap_from = owed->from;
  if (found != seen.end()) advance(point.after, *found);
  return point;
}

void recovery::ask_for_rooms(const reclaim_ptr& served,
                             const std::vector<return_point>& rooms) {
  if (rooms.empty()) return finish(served, true);
  served->rooms = served->unresolved = rooms.size();
  for (const auto& point : rooms) {
    const resolve_room asked{point.after.room, false};
    compat::request(this, directory_, patience(*served), asked)
        .then([this, served,
               point](const resolve_outcome& outcome) { on_room(served, point, outcome); },
              [this, served, point](const caf::error&) {
                on_room(served, point, unexpected(error{error_code::storage_error, ""}));
              });
  }
}

void recovery::on_room(const reclaim_ptr& served, const return_point& point,
                       const resolve_outcome& outcome) {
  if (outcome) served->found.rooms.push_back({*outcome, point.after, point.gap_from});
  if (!outcome && outcome.error().code == error_code::storage_error)
    served->store_failed = true;
  if (--served->unresolved > 0 || (served->store_failed && look_again(served))) return;
  finish(served, served->found.rooms.size() == served->rooms);
}

void recovery::count(recovery_outcome outcome) {
  ++refusals_->measures().recoveries[static_cast<std::size_t>(outcome)];
}

void recovery::finish(const reclaim_ptr& served, bool recovered) {
  const bool in_time = clock().now() < served->deadline && !served->has_left;
  if (recovered && in_time && served->claims)
    claim(served);
  else
    settle(served, recovered && in_time);
}

/// Claims a session that other nodes may recover too. The first node gets it. If the claim
/// fails, the session tells whether another node has it.
void recovery::claim(const reclaim_ptr& served) {
  served->may_be_ours = true;
  compat::request(this, writer_, patience(*served),
                  op::resume_recoverable{served->identity.id, served->claims})
      .then(
          [this, served](bool is_ours) {
            if (is_ours) return settle(served, true);
            served->claimed_at = served->claims;
            look_up(served);
          },
          [this, served](const caf::error&) { settle(served, false); });
}

void recovery::settle(const reclaim_ptr& served, bool recovered) {
  const auto id = served->identity.id;
  count(recovered ? recovery_outcome::recovered : recovery_outcome::fresh);
  auto& asked = records_[id];
  asked.serving = false;
  asked.reclaims.pop_front();
  --waiting_;
  compat::unwatch(this, served->asked.from);
  if (recovered) {
    unsaved_.drop_end(id);
    on_started({id, served->asked.from});
    asked.resumed = ++resumed_;
    asked.claims = served->claims.value_or(0) + 1;
    if (!served->claims) store_resumed({id, asked.resumed});
    served->answer.deliver(reclaim_outcome{std::move(served->found)});
  } else {
    refuse(served);
    // Nobody is in it here, and the store takes this after the claim.
    if (served->may_be_ours) return end({id});
  }
  if (!asked.alive && asked.reclaims.empty())
    records_.erase(id);
  else
    serve(id);
}

/// Tells the store that a session lives again, and once more after a while if the store cannot
/// take that. Until it is written the session's window still runs, and it can join no room.
void recovery::store_resumed(const resume_session& now) {
  store(op::resume_recoverable{now.session}, [this, now](bool stored) {
    if (stored) return;
    const auto pause = retry_pause(resume_interval, now.session.value, clock().now());
    compat::delayed_send(this, recovery_actor{this}, pause, now);
  });
}

/// Refuses a reclaim. What the fresh session is owed is stored before its client is told, since
/// the session may be lost before it has joined a room again; if it cannot be, it is remembered
/// until it can. The number of rooms that are remembered is bounded by how many it may be in.
void recovery::refuse(const reclaim_ptr& served) {
  auto& missed = served->missed;
  missed.insert(missed.end(), served->found.missed.begin(), served->found.missed.end());
  missed.resize(std::min(missed.size(), settings_.limits.rooms_per_socket));
  const auto answer = [served] {
    served->answer.deliver(reclaim_outcome{unexpected(std::move(served->missed))});
  };
  const auto& fresh = served->asked.fresh;
  if (missed.empty() || !fresh || served->has_left) return answer();
  const op::owe_gaps owed{fresh->identity.id, fresh->identity.pid_hash, fresh->sid, missed};
  store(owed, [this, owed, answer](bool stored) {
    if (!stored) unsaved_.add(owed);
    tell_later();
    answer();
  });
}

} // namespace hubbub
