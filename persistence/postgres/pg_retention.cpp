#include "persistence/postgres/pg_retention.hpp"

#include "persistence/postgres/pg_exchange.hpp"
#include "persistence/postgres/pg_link.hpp"
#include "persistence/postgres/pg_open.hpp"
#include "proto/access/name_pattern.hpp"

#include <algorithm>
#include <optional>

namespace hubbub {

namespace {

// The work of one step: rooms looked at, messages removed, and their bytes.
constexpr std::int64_t rooms_a_step = 200;
constexpr std::int64_t messages_a_step = 100;
constexpr std::int64_t bytes_a_step = 40'000;
/// Maximum number of messages of which only the times are looked at in one step.
constexpr std::int64_t times_a_step = 1'000;
/// Maximum number of rooms remembered whose first messages lie ahead of the clock; more of them
/// are searched from their start.
constexpr std::size_t max_ahead = 10'000;

constexpr pg::statement rooms_after{
    "rooms_after",
    "SELECT r.id, r.name, r.first_seq, coalesce(last.seq, r.first_seq - 1), oldest.created_at"
    " FROM (SELECT * FROM rooms WHERE id > $1::bigint ORDER BY id LIMIT $2::bigint) r"
    " LEFT JOIN LATERAL (SELECT seq FROM messages WHERE room_id = r.id"
    " ORDER BY seq DESC LIMIT 1) last ON true"
    " LEFT JOIN LATERAL (SELECT created_at FROM messages WHERE room_id = r.id"
    " ORDER BY seq LIMIT 1) oldest ON true ORDER BY r.id"};
constexpr pg::statement lock_room{"lock_room", "SELECT FROM rooms WHERE id = $1::bigint"
                                               " FOR NO KEY UPDATE"};
constexpr pg::statement oldest_messages{
    "oldest_messages", "SELECT seq, created_at, octet_length(content)::bigint FROM messages"
                       " WHERE room_id = $1::bigint ORDER BY seq LIMIT $2::bigint"};
constexpr pg::statement times_from{"times_from",
                                   "SELECT seq, created_at FROM messages"
                                   " WHERE room_id = $1::bigint AND seq >= $2::bigint"
                                   " ORDER BY seq LIMIT $3::bigint"};
// The record of a client_id answers a repeat even after its message is gone.
constexpr pg::statement keep_repeats{
    "keep_repeats",
    "UPDATE dedupe d SET rev = m.rev, content = m.content, edited_at = m.edited_at,"
    " deleted_at = m.deleted_at FROM messages m"
    " WHERE m.room_id = $1::bigint AND m.seq <= $2::bigint AND m.client_id IS NOT NULL"
    " AND d.room_id = $1::bigint AND d.user_id = m.user_id AND d.client_id = m.client_id"
    " AND d.seq = m.seq"};
// Runs before the messages are removed, since the room's counters follow from them. In a room
// without messages no time is out of order.
constexpr pg::statement raise_floor{
    "raise_floor",
    "UPDATE rooms r SET first_seq = $2::bigint + 1, floor_rev = h.last_rev,"
    " floor_message_at = h.last_message_at, floor_xid = pg_current_xact_id(),"
    " latest_at = CASE WHEN $2::bigint >= h.last_seq THEN 0 ELSE h.latest_at END,"
    " clock_back_ms = CASE WHEN $2::bigint >= h.last_seq THEN 0"
    " ELSE r.clock_back_ms END"
    " FROM room_records h WHERE r.id = $1::bigint AND h.id = r.id"};
constexpr pg::statement remove_messages{
    "remove_messages", "DELETE FROM messages WHERE room_id = $1::bigint AND seq <= $2::bigint"};

} // namespace

const retention_rule* pg_retention::rule_for(std::string_view name) const {
  for (const auto& rule : rules_)
    if (matches_pattern(rule.room_pattern, name)) return &rule;
  return nullptr;
}

expected<std::vector<pg_retention::candidate>, pg::failure>
pg_retention::next_rooms(pg::connection& open) {
  std::vector<candidate> rooms;
  pg::exchange look{open};
  look.add(rooms_after, pg::parameters::of(seen_, rooms_a_step), [&](const pg::result& rows) {
    for (int i = 0; i < rows.size(); ++i)
      rooms.push_back({rows.number<room_id>(i, 0), rows.text(i, 1), rows.number<sequence>(i, 2),
                       rows.number<sequence>(i, 3),
                       rows.optional_number<timestamp>(i, 4).value_or(timestamp{})});
  });
  if (const auto done = look.run(pg::answer_patience); !done) return unexpected(done.error());
  return rooms;
}

expected<bool, pg::failure> pg_retention::step(pg::connection& open, timestamp now) {
  if (rules_.empty()) return false;
  const auto rooms = next_rooms(open);
  if (!rooms) return unexpected(rooms.error());
  for (const auto& room : *rooms) {
    const auto* rule = rule_for(room.name);
    if (rule && room.first_seq <= room.last_seq) {
      // Messages have no gaps between them, so the numbers give their count.
      const auto count = room.last_seq.value - room.first_seq.value + 1;
      const bool surplus = rule->max_messages > 0 && count > rule->max_messages;
      // The message may also be one whose time is not believed.
      const bool old =
          rule->max_age_ms > 0 &&
          (room.oldest_at.value < now.value - rule->max_age_ms || room.oldest_at > now);
      if (surplus || old) {
        auto removed = remove(open, room, *rule, now);
        if (!removed || *removed) return removed; // look at the same room again
      }
    }
    seen_ = room.id;
  }
  const bool round_over = std::ssize(*rooms) < rooms_a_step;
  if (round_over) seen_ = {};
  return !round_over;
}

expected<pg_retention::portion, pg::failure> pg_retention::last_due(pg::connection& open,
                                                                    const candidate& room,
                                                                    const retention_rule& rule,
                                                                    timestamp now) {
  const auto surplus = rule.max_messages > 0 ? room.last_seq.value - rule.max_messages : 0;
  const bool ages = rule.max_age_ms > 0;
  const timestamp oldest_kept{ages ? now.value - rule.max_age_ms : 0};
  sequence due{};
  sequence unbelieved{}; // messages ahead of the clock, with nothing due after them
  std::optional<timestamp> lowest;
  bool only_unbelieved = true;
  pg::exchange look{open};
  look.add(begin_transaction);
  look.add(lock_room, pg::parameters::of(room.id));
  look.add(oldest_messages, pg::parameters::of(room.id, messages_a_step),
           [&](const pg::result& rows) {
             std::int64_t bytes = 0;
             for (int i = 0; i < rows.size() && bytes < bytes_a_step; ++i) {
               const auto seq = rows.number<sequence>(i, 0);
               const auto at = rows.number<timestamp>(i, 1);
               bytes += rows.integer(i, 2);
               if (seq.value <= surplus || (ages && at < oldest_kept)) {
                 due = seq;
               } else if (ages && at > now) {
                 unbelieved = seq;
                 lowest = std::min(lowest.value_or(at), at);
               } else {
                 only_unbelieved = false;
                 break;
               }
             }
           });
  if (const auto done = look.run(pg::answer_patience); !done) return unexpected(done.error());
  if (due.value > 0 || !lowest || !only_unbelieved) return portion{.last = due};
  // The whole portion lies ahead of the clock. The messages after it decide whether it is
  // removed.
  if (ahead_.size() >= max_ahead && !ahead_.contains(room.id)) ahead_.clear();
  auto& known = ahead_[room.id];
  const sequence next{unbelieved.value + 1};
  // Meanwhile some of them may be believed, or all may be gone.
  if (known.next < next || known.lowest <= now) known = {next, *lowest};
  auto followed = look_behind(open, room.id, known, oldest_kept, now);
  if (followed && followed->last.value > 0) followed->last = unbelieved;
  return followed;
}

expected<pg_retention::portion, pg::failure>
pg_retention::look_behind(pg::connection& open, room_id room, ahead& known,
                          timestamp oldest_kept, timestamp now) {
  portion found;
  pg::exchange look{open};
  look.add(times_from, pg::parameters::of(room, known.next, times_a_step),
           [&](const pg::result& rows) {
             for (int i = 0; i < rows.size(); ++i) {
               const auto at = rows.number<timestamp>(i, 1);
               if (at <= now) {
                 if (at < oldest_kept) found.last = known.next;
                 return;
               }
               known.next = sequence{rows.integer(i, 0) + 1};
               known.lowest = std::min(known.lowest, at);
             }
             found.undecided = rows.size() == times_a_step;
           });
  if (const auto done = look.run(pg::answer_patience); !done) return unexpected(done.error());
  return found;
}

expected<bool, pg::failure> pg_retention::remove(pg::connection& open, const candidate& room,
                                                 const retention_rule& rule, timestamp now) {
  const auto due = last_due(open, room, rule, now);
  if (!due) {
    open.roll_back();
    return unexpected(due.error());
  }
  pg::exchange change{open};
  if (due->last.value > 0) {
    const auto arguments = pg::parameters::of(room.id, due->last);
    change.add(keep_repeats, arguments);
    change.add(raise_floor, arguments);
    change.add(remove_messages, arguments);
  }
  change.add(commit_transaction);
  if (const auto done = change.run(pg::answer_patience); !done) {
    open.roll_back();
    return unexpected(done.error());
  }
  return due->last.value > 0 || due->undecided;
}

} // namespace hubbub
