#include "persistence/postgres/pg_writer.hpp"

#include "persistence/postgres/pg_appends.hpp"
#include "persistence/postgres/pg_columns.hpp"
#include "persistence/postgres/pg_open.hpp"

#include <poll.h>

#include <algorithm>
#include <chrono>
#include <tuple>
#include <utility>

namespace hubbub {

namespace {

using clock = std::chrono::steady_clock;

// Attempts at a transaction after deadlocks and the like; the order of the locks should prevent
// them.
constexpr int attempts = 3;
// How long a batch waits for a server that is gone, before it is answered as failed.
constexpr std::chrono::seconds patience{5};
constexpr int pause_ms = 100;
// How long the outcomes of a batch that was committed are asked for, over a restart of the
// server.
constexpr std::chrono::seconds read_back_time{30};
// Our own code, used in place of one of the server's: it is not known whether the batch was
// committed.
constexpr auto unknown_fate = "HB002";
constexpr std::chrono::hours start_patience{24};
constexpr std::int64_t ended_at_once = 500; // sessions
constexpr std::int64_t purged_records = 200;
constexpr std::int64_t purged_sessions = 50; // sessions purged in one step, with their rooms

constexpr pg::statement lock_rooms_of_appends{"lock_rooms_of_appends",
                                              "SELECT FROM rooms WHERE id = ANY($1::bigint[])"
                                              " ORDER BY id FOR NO KEY UPDATE"};
constexpr pg::statement appended_by{"appended_by",
                                    "SELECT " HUBBUB_PG_MESSAGE_COLUMNS " FROM messages"
                                    " WHERE xid = ($1::bigint)::text::xid8 ORDER BY id"};
constexpr pg::statement find_first{
    "find_first", "SELECT " HUBBUB_PG_MESSAGE_COLUMNS " FROM first_messages"
                  " WHERE room_id = $1::bigint AND user_id = $2::text AND client_id = $3::text"
                  " AND remembered_at >= $4::bigint"};
constexpr pg::statement find_any_room{"find_any_room",
                                      "SELECT is_closed FROM rooms WHERE id = $1::bigint"};
constexpr pg::statement purge_dedupe{
    "purge_dedupe",
    "DELETE FROM dedupe WHERE (room_id, user_id, client_id) IN"
    " (SELECT room_id, user_id, client_id FROM dedupe WHERE created_at < $1::bigint"
    " ORDER BY created_at LIMIT $2::bigint FOR UPDATE SKIP LOCKED)"};
// A record from ahead of the clock would be remembered until the clock gets there, so it is
// treated as made now.
constexpr pg::statement date_back_dedupe{
    "date_back_dedupe",
    "UPDATE dedupe SET created_at = $1::bigint WHERE (room_id, user_id, client_id) IN"
    " (SELECT room_id, user_id, client_id FROM dedupe WHERE created_at > $1::bigint"
    " LIMIT $2::bigint FOR UPDATE SKIP LOCKED)"};
constexpr pg::statement purge_standings{
    "purge_standings",
    "DELETE FROM standings WHERE (room_id, kind, user_id) IN"
    " (SELECT room_id, kind, user_id FROM standings WHERE until <= $1::bigint"
    " LIMIT $2::bigint FOR UPDATE SKIP LOCKED)"};
// A node that follows a log is seconds behind. The clocks of nodes do not matter.
constexpr pg::statement purge_orders{
    "purge_orders",
    "DELETE FROM room_orders WHERE (room_id, rev) IN"
    " (SELECT room_id, rev FROM room_orders WHERE stored_at"
    " < clock_timestamp() - interval '1 hour' LIMIT $1::bigint FOR UPDATE SKIP LOCKED)"};
constexpr pg::statement purge_batches{"purge_batches",
                                      "DELETE FROM batches WHERE node_id = $1::bigint"
                                      " AND (epoch < $2::bigint OR n < $3::bigint)"};
// A dump contains the numbers of another server's transactions, which may be ahead of ours.
constexpr pg::statement renew_transactions{
    "renew_transactions", "UPDATE messages SET xid = pg_current_xact_id()"
                          " WHERE xid >= pg_snapshot_xmax(pg_current_snapshot())"};
constexpr pg::statement renew_floors{
    "renew_floors", "UPDATE rooms SET floor_xid = pg_current_xact_id()"
                    " WHERE floor_xid >= pg_snapshot_xmax(pg_current_snapshot())"};

} // namespace

pg_writer::pg_writer(pg_link link, const store_config& config)
    : link_(std::move(link)), clock_(link_.is_shared()), foreign_(link_.is_shared()),
      dedupe_window_ms_(config.dedupe_window_ms),
      recovery_window_ms_(config.recovery_window_ms), max_rooms_(config.max_rooms),
      retention_(config.retention) {}

expected<void, pg::failure> pg_writer::start(timestamp own) {
  auto* open = link_.connected();
  if (!open) return unexpected(pg::failure{.connection_lost = true});
  std::ignore = clock_.begin(own);
  pg::exchange look{*open};
  look.add(read_clock, {}, clock_.asked());
  if (auto done = look.run(pg::answer_patience); !done) return done;
  const auto now = clock_.begin(own);
  for (int attempt = 1;; ++attempt) {
    auto done = link_.is_shared() ? end_own(*open, now) : end_all(*open, now);
    if (done || !pg::is_worth_a_repeat(done.error()) || attempt == attempts) return done;
  }
}

expected<void, pg::failure> pg_writer::end_all(pg::connection& open, timestamp now) {
  pg::exchange all{open};
  all.add(end_all_sessions, pg::parameters::of(now));
  all.add(renew_transactions);
  all.add(renew_floors);
  return all.run(start_patience);
}

/// Ends the node's own sessions in portions, so that no other node waits for long, nor waits
/// for one that waits for it.
expected<void, pg::failure> pg_writer::end_own(pg::connection& open, timestamp now) {
  for (bool more = true; more;) {
    std::int64_t ended = 0;
    pg::exchange some{open};
    some.add(end_own_sessions, pg::parameters::of(now, link_.node(), ended_at_once),
             [&ended](const pg::result& rows) { ended = rows.changes(); });
    some.add(has_own_sessions, pg::parameters::of(link_.node()),
             [&more](const pg::result& rows) { more = rows.boolean(0, 0); });
    if (auto done = some.run(pg::answer_patience); !done) return done;
    if (more && ended == 0) ::poll(nullptr, 0, pause_ms); // others claim what is left
  }
  pg::exchange rest{open};
  rest.add(renew_transactions);
  rest.add(renew_floors);
  return rest.run(start_patience);
}

std::vector<write_outcome> pg_writer::commit(std::span<const write_op> ops, timestamp own) {
  if (ops.empty()) return {};
  if (damaged_) return outcomes(ops.size(), store_error::corrupt);
  const auto now = clock_.begin(own);
  const auto begun = clock::now();
  const auto until = begun + patience;
  for (int attempt = 1;;) {
    auto done = try_commit(ops, now);
    commit_time_ = clock::now() - begun;
    if (done) return *std::move(done);
    const auto& failed = done.error();
    // If the connection was lost before the COMMIT, nothing of the batch was stored.
    const bool lost = failed.connection_lost && failed.sqlstate != unknown_fate;
    if (lost && !link_.is_fenced() && clock::now() < until) {
      ::poll(nullptr, 0, pause_ms);
      continue;
    }
    if (pg::is_worth_a_repeat(failed) && attempt++ < attempts) continue;
    const auto why = pg::error_of(failed);
    damaged_ = why == store_error::corrupt;
    return outcomes(ops.size(), why);
  }
}

expected<pg_writer::outcomes, pg::failure> pg_writer::try_commit(std::span<const write_op> ops,
                                                                 timestamp now) {
  auto* open = link_.connected();
  if (!open) return unexpected(pg::failure{.connection_lost = true});
  foreign_.begin(ops);
  auto done = commit_either(*open, ops, now);
  if (done) foreign_.on_committed(*done);
  return done;
}

expected<pg_writer::outcomes, pg::failure>
pg_writer::commit_either(pg::connection& open, std::span<const write_op> ops, timestamp now) {
  if (!pg::are_few_appends(ops)) return commit_batch(open, ops, now);
  auto done = commit_appends(open, ops, now);
  // A room that is far behind is brought up to date a part at a time.
  if (done || done.error().sqlstate != pg_foreign::too_far_behind) return done;
  return commit_batch(open, ops, now);
}

expected<bool, pg::failure> pg_writer::settle(pg::connection& open,
                                              const expected<void, pg::failure>& done,
                                              bool was_to_commit) {
  const bool lost = !done && done.error().connection_lost;
  // A COMMIT with a warning may not be replicated.
  if (was_to_commit && (lost || (done && open.take_warning()))) {
    switch (link_.resolve()) {
    case pg_link::fate::committed: return true;
    case pg_link::fate::not_committed: break;
    case pg_link::fate::unknown:
      return unexpected(pg::failure{.connection_lost = true, .sqlstate = unknown_fate});
    }
    // The batch is sent again, under the new epoch.
    return unexpected(pg::failure{.connection_lost = false, .sqlstate = "40001"});
  }
  if (done) return true;
  if (done.error().sqlstate == "HB001") link_.on_fenced();
  if (!lost) open.roll_back();
  return unexpected(done.error());
}

expected<pg_writer::outcomes, pg::failure>
pg_writer::commit_batch(pg::connection& open, std::span<const write_op> ops, timestamp now) {
  pg_batch batch{ops, now, oldest_remembered(now), max_rooms_, link_.node(), foreign_};
  pg::exchange reads{open};
  reads.add(begin_transaction);
  reads.add(open_batch, link_.next_batch(), clock_.asked());
  batch.queue_reads(reads);
  if (const auto read = settle(open, reads.run(pg::answer_patience), false); !read)
    return unexpected(read.error());
  batch.apply();
  pg::exchange writes{open};
  batch.queue_writes(writes);
  writes.add(commit_transaction);
  std::ignore = open.take_warning();
  const auto done = writes.run(pg::answer_patience);
  if (const auto settled = settle(open, done, true); !settled)
    return unexpected(settled.error());
  if (!done) {
    const auto found = read_back([&batch](pg::exchange& ids) { batch.queue_ids(ids); });
    if (!found) return unexpected(found.error());
  }
  return batch.take_outcomes();
}

expected<pg_writer::outcomes, pg::failure>
pg_writer::commit_appends(pg::connection& open, std::span<const write_op> ops, timestamp now) {
  pg::exchange all{open};
  all.add(begin_transaction);
  all.add(open_batch, link_.next_batch(), clock_.asked());
  if (ops.size() > 1 || foreign_.is_wanted()) {
    pg::array rooms{pg::element::number};
    for (const auto& op : ops)
      rooms.add(std::get<op::append_message>(op).room);
    all.add(lock_rooms_of_appends, pg::parameters::of(rooms));
    foreign_.queue_reads(all, true);
  }
  outcomes answers;
  pg::queue_appends(all, ops, now, oldest_remembered(now), answers);
  all.add(commit_transaction);
  std::ignore = open.take_warning();
  const auto done = all.run(pg::answer_patience);
  if (const auto settled = settle(open, done, true); !settled)
    return unexpected(settled.error());
  if (done) return answers;
  auto found = find_appends(ops, now);
  if (found) foreign_.keep_before(*found);
  return found;
}

expected<void, pg::failure>
pg_writer::read_back(const std::function<void(pg::exchange&)>& queue) {
  const auto until = clock::now() + read_back_time;
  for (;;) {
    if (auto* open = link_.connected()) {
      pg::exchange ask{*open};
      queue(ask);
      if (ask.run(pg::answer_patience)) return {};
    }
    if (link_.is_fenced() || clock::now() >= until)
      return unexpected(pg::failure{.connection_lost = true, .sqlstate = unknown_fate});
    ::poll(nullptr, 0, pause_ms);
  }
}

expected<pg_writer::outcomes, pg::failure>
pg_writer::find_appends(std::span<const write_op> ops, timestamp now) {
  std::vector<message> stored;
  std::vector<std::optional<message>> firsts(ops.size());
  std::vector<std::optional<bool>> closed(ops.size()); // nothing: there is no such room
  const auto found = read_back([&](pg::exchange& ask) {
    ask.add(appended_by, pg::parameters::of(link_.transaction()), [&](const pg::result& rows) {
      for (int i = 0; i < rows.size(); ++i)
        stored.push_back(pg::message_of(rows, i));
    });
    for (std::size_t i = 0; i < ops.size(); ++i) {
      const auto& op = std::get<op::append_message>(ops[i]);
      ask.add(find_any_room, pg::parameters::of(op.room), [&closed, i](const pg::result& rows) {
        if (!rows.empty()) closed[i] = rows.boolean(0, 0);
      });
      ask.add(find_first,
              pg::parameters::of(op.room, op.user_id, op.client_id, oldest_remembered(now)),
              [&firsts, i](const pg::result& rows) {
                if (!rows.empty()) firsts[i] = pg::message_of(rows, 0);
              });
    }
    foreign_.queue_reads(ask, false);
  });
  if (!found) return unexpected(found.error());
  // The messages of the transaction are in the order of the ops; an op without one stored
  // nothing.
  outcomes answers;
  auto next = stored.begin();
  for (std::size_t i = 0; i < ops.size(); ++i) {
    const auto& op = std::get<op::append_message>(ops[i]);
    auto expected_one = pg::fresh_of(op, now);
    if (next != stored.end() && !op.only_if_repeated) {
      expected_one.id = next->id;
      expected_one.seq = next->seq;
      expected_one.rev = next->rev;
    }
    if (next != stored.end() && *next == expected_one) {
      answers.emplace_back(appended{.stored = *next++, .repeated = false});
    } else if (!closed[i]) {
      answers.emplace_back(store_error::no_such_room);
    } else if (firsts[i]) {
      answers.emplace_back(appended{.stored = *firsts[i], .repeated = true});
    } else if (op.only_if_repeated || *closed[i]) {
      answers.emplace_back(store_error::not_repeated);
    } else {
      // It was stored, and another node has changed it since: it is told as one of the others'.
      answers.emplace_back(store_error::io);
    }
  }
  return answers;
}

bool pg_writer::purge(timestamp own) {
  if (damaged_) return false;
  auto* open = link_.connected();
  if (!open) return false;
  // Failures are ignored here: the next batch meets the same failure and reports it.
  return try_purge(*open, clock_.begin(own)).value_or(false);
}

expected<bool, pg::failure> pg_writer::try_purge(pg::connection& open, timestamp now) {
  // Retention and the rest take turns, so that a waiting batch waits for one transaction only.
  if (std::exchange(retention_is_next_, false)) {
    auto due = retention_.step(open, now);
    if (!due || *due) return due;
  }
  std::int64_t records = 0;
  std::int64_t sessions = 0;
  std::int64_t standings = 0;
  pg::exchange care{open};
  care.add(read_clock, {}, clock_.asked());
  care.add(purge_dedupe, pg::parameters::of(oldest_remembered(now), purged_records),
           [&](const pg::result& rows) { records = rows.changes(); });
  care.add(purge_sessions,
           pg::parameters::of(timestamp{now.value - recovery_window_ms_}, purged_sessions),
           [&](const pg::result& rows) { sessions = rows.integer(0, 0); });
  care.add(date_back_dedupe, pg::parameters::of(now, purged_records),
           [&](const pg::result& rows) { records = std::max(records, rows.changes()); });
  care.add(date_back_ends, pg::parameters::of(now, purged_sessions),
           [&](const pg::result& rows) { sessions = std::max(sessions, rows.changes()); });
  care.add(purge_standings, pg::parameters::of(now, purged_records),
           [&](const pg::result& rows) { standings = rows.changes(); });
  care.add(purge_orders, pg::parameters::of(purged_records),
           [&](const pg::result& rows) { standings = std::max(standings, rows.changes()); });
  care.add(purge_batches, link_.old_batches());
  if (const auto done = care.run(pg::answer_patience); !done) return unexpected(done.error());
  if (records + sessions + standings == 0) return retention_.step(open, now);
  retention_is_next_ = retention_.has_rules();
  return records == purged_records || sessions == purged_sessions ||
         standings == purged_records || retention_is_next_;
}

} // namespace hubbub
