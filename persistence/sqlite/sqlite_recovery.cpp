#include "persistence/sqlite/sqlite_recovery.hpp"

#include <algorithm>
#include <utility>

namespace hubbub {

namespace {

// An end that lies ahead of the clock is set to now, so that its window does not last until the
// clock gets there.
constexpr auto end_sessions =
    "UPDATE recoverable SET ended_at = ?1 WHERE ended_at IS NULL OR ended_at > ?1";
constexpr auto date_back_ends =
    "UPDATE recoverable SET ended_at = ?1 WHERE session IN"
    " (SELECT session FROM recoverable WHERE ended_at > ?1 LIMIT ?2)";
constexpr auto record_session =
    "INSERT INTO recoverable (session, pid_hash, sid, user_id, username) VALUES (?, ?, ?, ?, ?)"
    " ON CONFLICT DO UPDATE SET pid_hash = excluded.pid_hash, sid = excluded.sid,"
    " user_id = excluded.user_id, username = excluded.username WHERE ended_at IS NULL";
constexpr auto enter_room =
    "INSERT INTO recoverable_rooms (session, room_id, seq, rev, losses, closings)"
    " SELECT ?1, ?2, ?3, ?4, losses, closings FROM rooms WHERE id = ?2 ON CONFLICT DO NOTHING";
constexpr auto owe_gap =
    "INSERT INTO owed_gaps (session, room_id, from_seq) VALUES (?, ?, ?)"
    " ON CONFLICT DO UPDATE SET from_seq = min(from_seq, excluded.from_seq)";
// Leaves a record alone, whose user the session may have by now; but not that of a session
// whose end came first.
constexpr auto begin_owing =
    "INSERT INTO recoverable (session, pid_hash, sid, user_id, username)"
    " VALUES (?, ?, ?, '', '') ON CONFLICT DO UPDATE SET pid_hash = excluded.pid_hash,"
    " sid = excluded.sid WHERE sid = ''";
constexpr auto leave_room = "DELETE FROM recoverable_rooms WHERE session = ? AND room_id = ?";
// A session may end before its entry into its first room is written; that entry then comes too
// late. A hash of all zeros belongs to nobody.
constexpr auto end_session =
    "INSERT INTO recoverable (session, pid_hash, sid, user_id, username, ended_at)"
    " VALUES (?, zeroblob(32), '', '', '', ?)"
    " ON CONFLICT DO UPDATE SET ended_at = excluded.ended_at";
constexpr auto resume_session = "UPDATE recoverable SET ended_at = NULL WHERE session = ?";
constexpr auto forget_session =
    "UPDATE recoverable SET pid_hash = zeroblob(32) WHERE session = ?";
constexpr auto forget_rooms = "DELETE FROM recoverable_rooms WHERE session = ?";
constexpr auto purge_sessions = "DELETE FROM recoverable WHERE session IN"
                                " (SELECT session FROM recoverable WHERE ended_at < ? LIMIT ?)";

constexpr auto find_session =
    "SELECT pid_hash, sid, user_id, username, ended_at FROM recoverable"
    " WHERE session = ? AND pid_hash <> zeroblob(32)";
// What became of a membership (`membership_state`). If the room has had losses since, it is
// valid only for a user who was known to the room all the time, or who sees every room (see
// `sqlite_losses`). If it has been closed since, it is valid for nobody.
#define HUBBUB_MEMBERSHIP                                                                      \
  "CASE WHEN m.closings <> r.closings OR (m.losses < 0 AND m.losses <> r.losses) THEN 2"       \
  " WHEN m.losses = r.losses OR r.owner IS s.user_id OR EXISTS (SELECT 1 FROM standings t"     \
  " WHERE t.room_id = m.room_id AND t.kind = 1 AND t.user_id = s.user_id) THEN 0 ELSE 1 END"   \
  " FROM recoverable_rooms m JOIN recoverable s ON s.session = m.session"
constexpr auto session_rooms = "SELECT m.room_id, m.seq, m.rev, " HUBBUB_MEMBERSHIP
                               " LEFT JOIN rooms r ON r.id = m.room_id"
                               " WHERE m.session = ? ORDER BY m.room_id";
constexpr auto find_membership = "SELECT " HUBBUB_MEMBERSHIP " JOIN rooms r ON r.id = m.room_id"
                                 " WHERE m.session = ? AND m.room_id = ?";
#undef HUBBUB_MEMBERSHIP
constexpr auto session_gaps =
    "SELECT room_id, from_seq FROM owed_gaps WHERE session = ? ORDER BY room_id";

op_result noted_if(const sqlite::status& done) {
  if (!done) return unexpected(done.error());
  return noted{};
}

} // namespace

sqlite_recovery_writes::sqlite_recovery_writes(const sqlite::database& db,
                                               std::int64_t recovery_window_ms)
    : recovery_window_ms_(recovery_window_ms), end_all_(db, end_sessions),
      record_(db, record_session), enter_(db, enter_room), leave_(db, leave_room),
      end_(db, end_session), resume_(db, resume_session), forget_(db, forget_session),
      forget_rooms_(db, forget_rooms), begin_owing_(db, begin_owing), owe_(db, owe_gap),
      purge_(db, purge_sessions), date_back_(db, date_back_ends) {}

sqlite::status sqlite_recovery_writes::prepare() {
  return prepare_all(end_all_, record_, enter_, leave_, end_, resume_, forget_, forget_rooms_,
                     begin_owing_, owe_, purge_, date_back_);
}

sqlite::status sqlite_recovery_writes::end_all(timestamp now) {
  return end_all_.run(now);
}

op_result sqlite_recovery_writes::apply(sqlite_batch& batch, const op::enter_recoverable& op) {
  const auto room = batch.room(op.room);
  if (!room) return unexpected(room.error());
  if (!(*room)->exists) return store_error::no_such_room;
  const auto recorded = record_.run(op.session, std::span<const std::uint8_t>{op.pid_hash},
                                    op.sid, op.user_id, op.username);
  if (!recorded) return unexpected(recorded.error());
  if (record_.changes() == 0) return store_error::session_over;
  if (op.afresh)
    if (const auto left = leave_.run(op.session, op.room); !left)
      return unexpected(left.error());
  const room_position here{op.room, (*room)->last_seq, (*room)->last_rev};
  const auto base = std::min(op.since.value_or(here.seq), here.seq);
  if (const auto entered = enter_.run(op.session, here.room, base, here.rev); !entered)
    return unexpected(entered.error());
  if (op.gap_from && enter_.changes() > 0)
    if (const auto owed = owe_.run(op.session, op.room, *op.gap_from); !owed)
      return unexpected(owed.error());
  return here;
}

op_result sqlite_recovery_writes::apply(sqlite_batch&, const op::owe_gaps& op) {
  const auto recorded =
      begin_owing_.run(op.session, std::span<const std::uint8_t>{op.pid_hash}, op.sid);
  if (!recorded) return unexpected(recorded.error());
  for (const auto& each : op.gaps)
    if (const auto owed = owe_.run(op.session, each.room, each.from); !owed)
      return unexpected(owed.error());
  return noted{};
}

op_result sqlite_recovery_writes::apply(sqlite_batch&, const op::leave_recoverable& op) {
  return noted_if(leave_.run(op.session, op.room));
}

op_result sqlite_recovery_writes::apply(sqlite_batch& batch, const op::end_recoverable& op) {
  auto done = end_.run(op.session, batch.now());
  if (done && op.forget) done = forget_.run(op.session);
  if (done && op.forget) done = forget_rooms_.run(op.session);
  return noted_if(done);
}

op_result sqlite_recovery_writes::apply(sqlite_batch&, const op::resume_recoverable& op) {
  return noted_if(resume_.run(op.session));
}

expected<std::int64_t, store_error> sqlite_recovery_writes::purge(timestamp now,
                                                                  std::int64_t at_most) {
  const timestamp oldest{now.value - recovery_window_ms_};
  if (const auto purged = purge_.run(oldest, at_most); !purged)
    return unexpected(purged.error());
  const auto purged = purge_.changes();
  if (const auto dated = date_back_.run(now, at_most); !dated) return unexpected(dated.error());
  return std::max(purged, date_back_.changes());
}

sqlite_recovery_queries::sqlite_recovery_queries(const sqlite::database& db)
    : find_(db, find_session), rooms_(db, session_rooms), owed_(db, session_gaps),
      membership_(db, find_membership) {}

expected<std::optional<recoverable_session>, store_error>
sqlite_recovery_queries::find(recovery_id session) {
  auto found = find_.query(session);
  const auto row = found.next();
  if (!row) return unexpected(row.error());
  if (!*row) return std::nullopt;
  recoverable_session known;
  if (!found.bytes(0, known.pid_hash)) return unexpected(store_error::corrupt);
  known.sid = found.text(1);
  known.user_id = found.text(2);
  known.username = found.text(3);
  known.ended_at = found.optional_number<timestamp>(4);
  auto rooms = rooms_.query(session);
  for (;;) {
    const auto next = rooms.next();
    if (!next) return unexpected(next.error());
    if (!*next) break;
    known.joined.push_back({.room = rooms.number<room_id>(0),
                            .seq = rooms.number<sequence>(1),
                            .rev = rooms.number<revision>(2)});
    known.note(membership_state{rooms.integer(3)});
  }
  auto gaps = owed_.query(session);
  for (;;) {
    const auto next = gaps.next();
    if (!next) return unexpected(next.error());
    if (!*next) return known;
    known.owed.push_back({gaps.number<room_id>(0), gaps.number<sequence>(1)});
  }
}

expected<bool, store_error> sqlite_recovery_queries::is_member(recovery_id session,
                                                               room_id room, bool sees_all) {
  auto found = membership_.query(session, room);
  const auto row = found.next();
  if (!row) return unexpected(row.error());
  return *row && is_valid(membership_state{found.integer(0)}, sees_all);
}

} // namespace hubbub
