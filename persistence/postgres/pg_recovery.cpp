#include "persistence/postgres/pg_recovery.hpp"

#include "persistence/postgres/pg_losses.hpp"

#include <algorithm>

namespace hubbub {

namespace {

// The hash of nobody's private id: all zeros.
#define HUBBUB_NOBODY "decode(repeat('00', 32), 'hex')"
#define HUBBUB_EARLIER_GAP                                                                     \
  " ON CONFLICT (session, room_id) DO UPDATE SET from_seq = least(o.from_seq,"                 \
  " excluded.from_seq)"

#define HUBBUB_SESSION_STATE                                                                   \
  "SELECT session, claims, ended_at IS NOT NULL OR node_id <> $2::bigint FROM recoverable"
constexpr pg::statement find_sessions{"find_sessions", HUBBUB_SESSION_STATE
                                      " WHERE session = ANY($1::bigint[])"};
// Of several nodes that claim one all but the first see its claim.
constexpr pg::statement lock_sessions{"lock_sessions", HUBBUB_SESSION_STATE
                                      " WHERE session = ANY($1::bigint[])"
                                      " ORDER BY session FOR NO KEY UPDATE"};
// The same, and in the same order those that users in $4 have of the rooms in $3.
constexpr pg::statement lock_sessions_of_users{
    "lock_sessions_of_users", HUBBUB_SESSION_STATE
    " WHERE session = ANY(ARRAY(SELECT unnest($1::bigint[]) UNION SELECT s.session"
    " FROM unnest($3::bigint[], $4::text[]) AS i(room_id, user_id)"
    " JOIN recoverable s ON s.user_id = i.user_id"
    " JOIN recoverable_rooms r ON r.session = s.session AND r.room_id = i.room_id))"
    " ORDER BY session FOR NO KEY UPDATE"};
#undef HUBBUB_SESSION_STATE
// The node on which one was open is told, unless it is this one.
constexpr pg::statement claim_sessions{
    "claim_sessions",
    "WITH told AS (INSERT INTO taken_sessions AS t (node_id, session, claims)"
    " SELECT node_id, session, claims + 1 FROM recoverable WHERE session = ANY($1::bigint[])"
    " AND ended_at IS NULL AND node_id <> $2::bigint ORDER BY session"
    " ON CONFLICT (node_id, session) DO UPDATE SET claims = excluded.claims,"
    " taken_at = excluded.taken_at)"
    " UPDATE recoverable SET ended_at = NULL, node_id = $2::bigint,"
    " claims = claims + 1 WHERE session = ANY($1::bigint[])"};
constexpr pg::statement find_expelled{
    "find_expelled", "SELECT s.session FROM recoverable s JOIN recoverable_rooms r"
                     " ON r.session = s.session AND r.room_id = $1::bigint"
                     " WHERE s.user_id = $2::text"};
constexpr pg::statement enter_rooms{
    "enter_rooms",
    "WITH input AS (SELECT * FROM unnest($1::bigint[], $2::bytea[], $3::text[], $4::text[],"
    " $5::text[], $6::bigint[], $7::bigint[], $8::bigint[], $9::bigint[])"
    " AS i(session, pid_hash, sid, user_id, username, room_id, seq, rev, gap_from)),"
    " recorded AS (INSERT INTO recoverable AS r"
    " (session, pid_hash, sid, user_id, username, node_id)"
    " SELECT DISTINCT ON (session) session, pid_hash, sid, user_id, username, $10::bigint"
    " FROM input"
    " ON CONFLICT (session) DO UPDATE SET pid_hash = excluded.pid_hash, sid = excluded.sid,"
    " user_id = excluded.user_id, username = excluded.username WHERE r.ended_at IS NULL"
    " AND (r.pid_hash, r.sid, r.user_id, r.username) IS DISTINCT FROM"
    " (excluded.pid_hash, excluded.sid, excluded.user_id, excluded.username))"
    ", entered AS (INSERT INTO recoverable_rooms (session, room_id, seq, rev, losses, closings)"
    " SELECT session, room_id, seq, rev, r.losses, r.closings"
    " FROM input JOIN rooms r ON r.id = input.room_id"
    " ON CONFLICT (session, room_id) DO NOTHING RETURNING session, room_id)"
    " INSERT INTO owed_gaps AS o (session, room_id, from_seq)"
    " SELECT session, room_id, gap_from FROM input JOIN entered USING (session, room_id)"
    " WHERE gap_from IS NOT NULL" HUBBUB_EARLIER_GAP};
// Leaves a record alone, whose user the session may have by now; but not that of a session
// whose end came first.
constexpr pg::statement begin_owing{
    "begin_owing",
    "INSERT INTO recoverable AS r (session, pid_hash, sid, user_id, username, node_id)"
    " VALUES ($1::bigint, $2::bytea, $3::text, '', '', $4::bigint)"
    " ON CONFLICT (session) DO UPDATE SET pid_hash = excluded.pid_hash, sid = excluded.sid"
    " WHERE r.sid = ''"};
constexpr pg::statement owe{"owe", "INSERT INTO owed_gaps AS o (session, room_id, from_seq)"
                                   " SELECT $1::bigint, room_id, from_seq FROM"
                                   " unnest($2::bigint[], $3::bigint[]) AS i(room_id, from_seq)"
                                   " WHERE true" HUBBUB_EARLIER_GAP};
constexpr pg::statement leave_rooms{
    "leave_rooms", "DELETE FROM recoverable_rooms r"
                   " USING unnest($1::bigint[], $2::bigint[]) AS i(session, room_id)"
                   " WHERE r.session = i.session AND r.room_id = i.room_id"};
// A session may end before its entry into its first room is written; that entry then comes too
// late.
constexpr pg::statement end_sessions{
    "end_sessions", "INSERT INTO recoverable AS r"
                    " (session, pid_hash, sid, user_id, username, ended_at, node_id)"
                    " SELECT session, " HUBBUB_NOBODY ", '', '', '', $2::bigint, $3::bigint"
                    " FROM unnest($1::bigint[]) AS i(session)"
                    " ON CONFLICT (session) DO UPDATE SET ended_at = excluded.ended_at"
                    " WHERE r.node_id = excluded.node_id"};
constexpr pg::statement forget_sessions{
    "forget_sessions",
    "WITH mine AS (SELECT session FROM recoverable WHERE session = ANY($1::bigint[])"
    " AND node_id = $2::bigint), gone AS (DELETE FROM recoverable_rooms r USING mine"
    " WHERE r.session = mine.session)"
    " UPDATE recoverable SET pid_hash = " HUBBUB_NOBODY " WHERE session = ANY($1::bigint[])"
    " AND node_id = $2::bigint"};
constexpr pg::statement resume_sessions{
    "resume_sessions", "UPDATE recoverable SET ended_at = NULL, node_id = $2::bigint"
                       " WHERE session = ANY($1::bigint[])"
                       " AND (ended_at IS NOT NULL OR node_id <> $2::bigint)"};

pg::array sessions_of(const std::set<std::pair<std::int64_t, std::int64_t>>& keys) {
  pg::array sessions{pg::element::number};
  for (const auto& key : keys)
    sessions.add(key.first);
  return sessions;
}

pg::array rooms_of(const std::set<std::pair<std::int64_t, std::int64_t>>& keys) {
  pg::array rooms{pg::element::number};
  for (const auto& key : keys)
    rooms.add(key.second);
  return rooms;
}

pg::parameters entering(const std::vector<op::enter_recoverable>& entered,
                        const std::vector<room_position>& positions, std::int64_t node) {
  pg::array sessions{pg::element::number};
  pg::array hashes{pg::element::bytes};
  pg::array sids{pg::element::text};
  pg::array users{pg::element::text};
  pg::array names{pg::element::text};
  pg::array gaps{pg::element::number};
  for (const auto& op : entered) {
    sessions.add(op.session);
    hashes.add(std::span<const std::uint8_t>{op.pid_hash});
    sids.add(std::string_view{op.sid});
    users.add(std::string_view{op.user_id});
    names.add(std::string_view{op.username});
    gaps.add(op.gap_from);
  }
  pg::array rooms{pg::element::number};
  pg::array seqs{pg::element::number};
  pg::array revs{pg::element::number};
  for (const auto& at : positions) {
    rooms.add(at.room);
    seqs.add(at.seq);
    revs.add(at.rev);
  }
  return pg::parameters::of(sessions, hashes, sids, users, names, rooms, seqs, revs, gaps,
                            node);
}

void queue_owing(pg::exchange& writes, const op::owe_gaps& op, std::int64_t node) {
  pg::array rooms{pg::element::number};
  pg::array seqs{pg::element::number};
  for (const auto& gap : op.gaps) {
    rooms.add(gap.room);
    seqs.add(gap.from);
  }
  writes.add(begin_owing,
             pg::parameters::of(op.session, std::span<const std::uint8_t>{op.pid_hash},
                                std::string_view{op.sid}, node));
  writes.add(owe, pg::parameters::of(op.session, rooms, seqs));
}

} // namespace

void pg_recovery_batch::queue_sessions(pg::exchange& reads) {
  auto known = asked_;
  if (shared_) known.insert(touched_.begin(), touched_.end());
  const bool of_users = shared_ && !losing_.empty();
  if (known.empty() && !of_users) return;
  pg::array sessions{pg::element::number};
  for (const auto session : known)
    sessions.add(session);
  auto arguments = pg::parameters::of(sessions, node_);
  if (of_users) {
    pg::array rooms{pg::element::number};
    pg::array users{pg::element::text};
    for (const auto& [room, user] : losing_) {
      rooms.add(room);
      users.add(std::string_view{user});
    }
    arguments.add(rooms);
    arguments.add(users);
  }
  reads.add(of_users  ? lock_sessions_of_users
            : shared_ ? lock_sessions
                      : find_sessions,
            arguments, [this](const pg::result& rows) {
              for (int i = 0; i < rows.size(); ++i) {
                claims_[rows.integer(i, 0)] = rows.integer(i, 1);
                if (rows.boolean(i, 2)) ended_.insert(rows.integer(i, 0));
              }
            });
}

void pg_recovery_batch::queue_reads(pg::exchange& reads) {
  queue_sessions(reads);
  for (auto& [from, sessions] : expelled_from_)
    reads.add(find_expelled, pg::parameters::of(from.first, from.second),
              [&found = sessions](const pg::result& rows) {
                for (int i = 0; i < rows.size(); ++i)
                  found.insert(rows.integer(i, 0));
              });
}

pg_recovery_batch::step& pg_recovery_batch::step_for(step_kind kind, session_room key) {
  const auto last = last_step_.find(key.first);
  const auto start = std::max(from_, last == last_step_.end() ? 0 : last->second);
  for (auto i = start; i < steps_.size(); ++i) {
    if (steps_[i].kind != kind || steps_[i].keys.contains(key)) continue;
    last_step_[key.first] = i;
    steps_[i].keys.insert(key);
    return steps_[i];
  }
  last_step_[key.first] = steps_.size();
  steps_.push_back({.kind = kind, .keys = {key}});
  return steps_.back();
}

write_outcome pg_recovery_batch::apply(const op::enter_recoverable& op, room_position here) {
  if (ended_.contains(op.session.value)) return store_error::session_over;
  const session_room key{op.session.value, op.room.value};
  if (op.afresh) step_for(step_kind::leave, key);
  auto& entering = step_for(step_kind::enter, key);
  entering.entered.push_back(op);
  entering.positions.push_back(
      {here.room, std::min(op.since.value_or(here.seq), here.seq), here.rev});
  entered_[key] = op.user_id;
  left_.erase(key);
  return here;
}

void pg_recovery_batch::apply(const op::leave_recoverable& op) {
  const session_room key{op.session.value, op.room.value};
  step_for(step_kind::leave, key);
  entered_.erase(key);
  left_.insert(key);
}

void pg_recovery_batch::apply(const op::end_recoverable& op, timestamp now) {
  const session_room key{op.session.value, 0};
  step_for(step_kind::end, key).ended_at = now;
  ended_.insert(op.session.value);
  if (!op.forget) return;
  step_for(step_kind::forget, key);
  std::erase_if(entered_, [&](const auto& each) { return each.first.first == key.first; });
}

write_outcome pg_recovery_batch::apply(const op::resume_recoverable& op) {
  if (op.claim) {
    const auto found = claims_.find(op.session.value);
    if (found == claims_.end() || found->second != *op.claim) return store_error::session_over;
    ++found->second;
  }
  step_for(op.claim ? step_kind::claim : step_kind::resume, {op.session.value, 0});
  ended_.erase(op.session.value);
  return noted{};
}

void pg_recovery_batch::apply(const op::owe_gaps& op) {
  step_for(step_kind::owe, {op.session.value, 0}).owing.push_back(op);
}

expelled pg_recovery_batch::apply(const op::expel_user& op) {
  expelled gone;
  auto& known = expelled_from_[{op.room, op.user_id}];
  for (const auto session : known)
    if (!left_.contains({session, op.room.value})) gone.sessions.emplace_back(session);
  for (const auto& [key, user] : entered_)
    if (key.second == op.room.value && user == op.user_id && !known.contains(key.first))
      gone.sessions.emplace_back(key.first);
  for (const auto session : gone.sessions)
    left_.insert({session.value, op.room.value});
  std::erase_if(entered_, [&](const auto& each) {
    return each.first.second == op.room.value && each.second == op.user_id;
  });
  then(pg::forget_ended, pg::parameters::of(op.room, op.user_id));
  then(pg::expel_sessions, pg::parameters::of(op.room, op.user_id));
  return gone;
}

void pg_recovery_batch::then(const pg::statement& what, pg::parameters arguments) {
  if (steps_.empty() || steps_.back().kind != step_kind::other)
    steps_.push_back({.kind = step_kind::other});
  steps_.back().others.emplace_back(what, std::move(arguments));
  from_ = steps_.size(); // it may concern any session
}

void pg_recovery_batch::queue_writes(pg::exchange& writes) const {
  for (const auto& each : steps_) {
    const auto sessions = sessions_of(each.keys);
    switch (each.kind) {
    case step_kind::enter:
      writes.add(enter_rooms, entering(each.entered, each.positions, node_));
      break;
    case step_kind::leave:
      writes.add(leave_rooms, pg::parameters::of(sessions, rooms_of(each.keys)));
      break;
    case step_kind::end:
      writes.add(end_sessions, pg::parameters::of(sessions, each.ended_at, node_));
      break;
    case step_kind::forget:
      writes.add(forget_sessions, pg::parameters::of(sessions, node_));
      break;
    case step_kind::resume:
      writes.add(resume_sessions, pg::parameters::of(sessions, node_));
      break;
    case step_kind::claim:
      writes.add(claim_sessions, pg::parameters::of(sessions, node_));
      break;
    case step_kind::owe:
      for (const auto& op : each.owing)
        queue_owing(writes, op, node_);
      break;
    case step_kind::other:
      for (const auto& [what, arguments] : each.others)
        writes.add(what, arguments);
      break;
    }
  }
}

#undef HUBBUB_EARLIER_GAP
#undef HUBBUB_NOBODY

} // namespace hubbub
