#include "persistence/postgres/pg_log_feed.hpp"

#include <algorithm>
#include <utility>

namespace hubbub {

namespace {

constexpr pg::statement log_moment{"feed_moment",
                                   "SELECT pg_snapshot_xmin(s), pg_snapshot_xmax(s),"
                                   " (SELECT last_value FROM message_ids)"
                                   " FROM pg_current_snapshot() s"};
constexpr pg::statement still_running{"feed_running",
                                      "SELECT pg_snapshot_xip(pg_current_snapshot())"};
#define ENTRY_COLUMNS "xid, id, room_id, seq, rev, user_id, content"
constexpr pg::statement changes_after{
    "feed_changes", "SELECT " ENTRY_COLUMNS " FROM messages"
                    " WHERE (xid, id) > (($1::bigint)::text::xid8, $2::bigint)"
                    " ORDER BY xid, id LIMIT $3::bigint"};
// The transactions come in rising order, and their entries one after the other.
constexpr pg::statement late_changes{
    "feed_late_changes",
    "SELECT m.* FROM unnest($1::bigint[], $2::bigint[]) WITH ORDINALITY AS t(number, taken, n)"
    " CROSS JOIN LATERAL (SELECT " ENTRY_COLUMNS " FROM messages"
    " WHERE xid = t.number::text::xid8 AND id > t.taken ORDER BY id LIMIT $3::bigint) m"
    " ORDER BY t.n, m.id LIMIT $3::bigint"};
#undef ENTRY_COLUMNS
constexpr pg::statement floors_after{
    "feed_floors", "SELECT floor_xid, id, first_seq FROM rooms"
                   " WHERE (floor_xid, id) > (($1::bigint)::text::xid8, $2::bigint)"
                   " AND floor_xid IS NOT NULL ORDER BY floor_xid, id LIMIT $3::bigint"};
// The number of the cluster is random, and its timeline changes when an earlier state is
// restored or a standby is promoted.
constexpr pg::statement cluster_origin{
    "feed_cluster", "SELECT (SELECT system_identifier FROM pg_control_system())::text || ' '"
                    " || (SELECT timeline_id FROM pg_control_checkpoint())::text"};
// A hosted PostgreSQL may keep these functions to itself.
constexpr pg::statement may_ask_cluster{
    "feed_may_ask_cluster",
    "SELECT has_function_privilege('pg_control_system()', 'EXECUTE')"
    " AND has_function_privilege('pg_control_checkpoint()', 'EXECUTE')"};
// The numbers of a database and of a table are not used again.
constexpr pg::statement database_origin{
    "feed_database", "SELECT (SELECT oid FROM pg_database WHERE datname = current_database())"
                     "::text || ' ' || 'messages'::regclass::oid::text || ' '"
                     " || (SELECT md5(secret) FROM settings)"};

/// What the server says about one moment.
struct moment_parts {
  std::int64_t settled = 0; ///< all transactions below have ended
  std::int64_t next = 0;    ///< no transaction from here on has begun
  std::int64_t last_id = 0;
  std::vector<std::int64_t> running; ///< in rising order
  std::vector<std::pair<std::int64_t, indexed_entry>> late;
  std::vector<std::pair<std::int64_t, indexed_entry>> changes;
};

pg::exchange::taker take_into(std::vector<std::pair<std::int64_t, indexed_entry>>& entries) {
  return [&entries](const pg::result& rows) {
    entries.reserve(static_cast<std::size_t>(rows.size()));
    for (int i = 0; i < rows.size(); ++i)
      entries.emplace_back(rows.integer(i, 0),
                           indexed_entry{.id = rows.number<message_id>(i, 1),
                                         .room = rows.number<room_id>(i, 2),
                                         .seq = rows.number<sequence>(i, 3),
                                         .rev = rows.number<revision>(i, 4),
                                         .user_id = rows.text(i, 5),
                                         .content = rows.text(i, 6)});
  };
}

expected<moment_parts, store_error> read_moment(pg_session& session, const log_cursor& from,
                                                std::int64_t limit) {
  pg::array numbers{pg::element::number};
  pg::array taken{pg::element::number};
  for (const auto& each : from.running) {
    numbers.add(each.number);
    taken.add(each.taken);
  }
  return session.ask<moment_parts>([&](pg::exchange& reads, moment_parts& now) {
    reads.add(begin_snapshot);
    reads.add(log_moment, {}, [&](const pg::result& rows) {
      now.settled = rows.integer(0, 0);
      now.next = rows.integer(0, 1);
      now.last_id = rows.integer(0, 2);
    });
    reads.add(still_running, {}, [&](const pg::result& rows) {
      for (int i = 0; i < rows.size(); ++i)
        now.running.push_back(rows.integer(i, 0));
      std::ranges::sort(now.running);
    });
    if (!from.running.empty())
      reads.add(late_changes, pg::parameters::of(numbers, taken, limit), take_into(now.late));
    reads.add(changes_after, pg::parameters::of(from.next.number, from.next.taken, limit),
              take_into(now.changes));
    reads.add(end_snapshot);
  });
}

/// Returns what remains of the transactions that were running: those that still run, and those
/// of which the portion holds only a part.
std::vector<log_cursor::transaction> remaining(const log_cursor& from, const moment_parts& now,
                                               bool is_whole) {
  std::vector<log_cursor::transaction> kept;
  const auto last = now.late.empty() ? std::int64_t{0} : now.late.back().first;
  for (auto each : from.running) {
    for (const auto& [number, entry] : now.late)
      if (number == each.number) each.taken = std::max(each.taken, entry.id.value);
    const bool runs = std::ranges::binary_search(now.running, each.number);
    if (runs || (!is_whole && each.number >= last)) kept.push_back(each);
  }
  return kept;
}

} // namespace

expected<log_portion, store_error> read_log_portion(pg_session& session, const log_cursor& from,
                                                    std::int64_t limit) {
  auto now = read_moment(session, from, limit);
  if (!now) return unexpected(now.error());
  log_portion portion;
  portion.after = from;
  if (now->next < from.next.number) {
    portion.is_older = true;
    return portion;
  }
  const bool late_is_whole = std::ssize(now->late) < limit;
  const bool is_whole = std::ssize(now->changes) < limit;
  auto& after = portion.after;
  after.running = remaining(from, *now, late_is_whole);
  if (is_whole)
    after.next = {.number = now->next, .taken = 0};
  else
    after.next = {.number = now->changes.back().first,
                  .taken = now->changes.back().second.id.value};
  for (const auto each : now->running)
    if (each >= from.next.number && each < after.next.number)
      after.running.push_back({.number = each, .taken = 0});
  portion.has_more = !late_is_whole || !is_whole;
  if (portion.has_more) {
    const auto reached = is_whole ? now->last_id : now->changes.back().second.id.value;
    portion.behind = std::max<std::int64_t>(now->last_id - reached, 1);
  }
  for (auto* part : {&now->late, &now->changes})
    for (auto& [number, entry] : *part)
      portion.entries.push_back(std::move(entry));
  return portion;
}

expected<removals_portion, store_error> read_removals(pg_session& session,
                                                      std::int64_t transaction, room_id after,
                                                      std::int64_t limit) {
  return session.ask<removals_portion>([&](pg::exchange& reads, removals_portion& portion) {
    reads.add(begin_snapshot);
    reads.add(log_moment, {},
              [&](const pg::result& rows) { portion.settled = rows.integer(0, 0); });
    reads.add(floors_after, pg::parameters::of(transaction, after, limit),
              [&](const pg::result& rows) {
                for (int i = 0; i < rows.size(); ++i)
                  portion.floors.push_back({rows.integer(i, 0), rows.number<room_id>(i, 1),
                                            rows.number<sequence>(i, 2)});
              });
    reads.add(end_snapshot);
  });
}

expected<std::string, store_error> read_origin(pg_session& session) {
  const auto may_ask = session.ask<bool>([](pg::exchange& reads, bool& may) {
    reads.add(may_ask_cluster, {}, [&](const pg::result& rows) { may = rows.boolean(0, 0); });
  });
  if (!may_ask) return unexpected(may_ask.error());
  return session.ask<std::string>([&](pg::exchange& reads, std::string& text) {
    reads.add(database_origin, {}, [&](const pg::result& rows) { text = rows.text(0, 0); });
    if (*may_ask)
      reads.add(cluster_origin, {},
                [&](const pg::result& rows) { text += ' ' + rows.text(0, 0); });
  });
}

} // namespace hubbub
