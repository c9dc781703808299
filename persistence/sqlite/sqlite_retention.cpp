#include "persistence/sqlite/sqlite_retention.hpp"

#include "persistence/sqlite/sqlite_columns.hpp"
#include "proto/access/name_pattern.hpp"

#include <algorithm>
#include <utility>

namespace hubbub {

namespace {

// The work of one step, about two milliseconds: rooms looked at, messages removed, and their
// bytes (whose words must all be found again in the search). The merging that this causes in
// the search is a step of its own, every third or fourth.
constexpr std::int64_t rooms_a_step = 200;
constexpr std::int64_t messages_a_step = 100;
constexpr std::int64_t bytes_a_step = 40'000;
/// Maximum number of messages of which only the times are looked at in one step.
constexpr std::int64_t times_a_step = 1'000;
/// Maximum number of rooms remembered whose first messages lie ahead of the clock; more of them
/// are searched from their start.
constexpr std::size_t max_ahead = 10'000;

constexpr auto rooms_after = "SELECT id, name, first_seq, last_seq FROM rooms"
                             " WHERE id > ? ORDER BY id LIMIT ?";
constexpr auto oldest_messages = "SELECT seq, created_at, length(content) FROM messages"
                                 " WHERE room_id = ? ORDER BY seq LIMIT ?";
constexpr auto times_from =
    "SELECT seq, created_at FROM messages WHERE room_id = ? AND seq >= ? ORDER BY seq LIMIT ?";
// The record of a client_id answers a repeat even after its message is gone.
constexpr auto keep_repeats =
    "UPDATE dedupe SET rev = m.rev, content = m.content, edited_at = m.edited_at,"
    " deleted_at = m.deleted_at FROM messages m"
    " WHERE m.room_id = ?1 AND m.seq <= ?2 AND m.client_id IS NOT NULL"
    " AND dedupe.room_id = ?1 AND dedupe.user_id = m.user_id"
    " AND dedupe.client_id = m.client_id AND dedupe.seq = m.seq";
constexpr auto words_of_messages =
    "SELECT id, user_id, content FROM messages WHERE room_id = ? AND seq <= ?";
// Keeps the ids of what is removed from being used again.
constexpr auto remember_last_id =
    "UPDATE counters SET value = " HUBBUB_LAST_MESSAGE_ID " WHERE name = 'last_message_id'";
constexpr auto remove_messages = "DELETE FROM messages WHERE room_id = ? AND seq <= ?";
// In a room without messages no time is out of order.
constexpr auto advance_first =
    "UPDATE rooms SET first_seq = ?1,"
    " latest_at = CASE WHEN ?1 > last_seq THEN 0 ELSE latest_at END,"
    " clock_back_ms = CASE WHEN ?1 > last_seq THEN 0 ELSE clock_back_ms END WHERE id = ?2";

} // namespace

sqlite_retention::sqlite_retention(sqlite::database& db, std::vector<retention_rule> rules,
                                   sqlite_search_indexer& search)
    : db_(db), rules_(std::move(rules)), search_(search), rooms_(db, rooms_after),
      oldest_(db, oldest_messages), times_(db, times_from), words_(db, words_of_messages),
      keep_repeats_(db, keep_repeats), remember_last_id_(db, remember_last_id),
      remove_(db, remove_messages), advance_(db, advance_first) {}

sqlite::status sqlite_retention::prepare() {
  return prepare_all(rooms_, oldest_, times_, words_, keep_repeats_, remember_last_id_, remove_,
                     advance_);
}

expected<bool, store_error> sqlite_retention::step(timestamp now) {
  if (rules_.empty()) return false;
  if (const auto merged = search_.merge_step(); !merged || *merged) return merged;
  const auto rooms = next_rooms();
  if (!rooms) return unexpected(rooms.error());
  for (const auto& room : *rooms) {
    const auto* rule = rule_for(room.name);
    const auto due = rule ? last_due(room, *rule, now) : portion{};
    if (!due) return unexpected(due.error());
    if (due->last.value > 0) {
      if (const auto removed = remove(room, *due); !removed) return unexpected(removed.error());
      return true; // look at the same room again
    }
    if (due->undecided) return true;
    seen_ = room.id;
  }
  const bool round_over = std::ssize(*rooms) < rooms_a_step;
  if (round_over) seen_ = {};
  return !round_over;
}

expected<std::vector<sqlite_retention::candidate>, store_error> sqlite_retention::next_rooms() {
  std::vector<candidate> rooms;
  auto found = rooms_.query(seen_, rooms_a_step);
  for (;;) {
    const auto row = found.next();
    if (!row) return unexpected(row.error());
    if (!*row) return rooms;
    rooms.push_back({found.number<room_id>(0), found.text(1), found.number<sequence>(2),
                     found.number<sequence>(3)});
  }
}

const retention_rule* sqlite_retention::rule_for(std::string_view name) const {
  for (const auto& rule : rules_)
    if (matches_pattern(rule.room_pattern, name)) return &rule;
  return nullptr;
}

expected<sqlite_retention::portion, store_error>
sqlite_retention::last_due(const candidate& room, const retention_rule& rule, timestamp now) {
  // Messages have no gaps between them, so the numbers give their count.
  const std::int64_t surplus =
      rule.max_messages > 0 ? room.last_seq.value - rule.max_messages : 0;
  portion due;
  if (room.first_seq > room.last_seq) return due;
  if (rule.max_age_ms <= 0 && surplus < room.first_seq.value) return due;

  const age_rule age{now, timestamp{rule.max_age_ms > 0 ? now.value - rule.max_age_ms : 0}};
  portion unbelieved; // messages ahead of the clock, with nothing due after them
  std::optional<timestamp> lowest;
  auto found = oldest_.query(room.id, messages_a_step);
  for (std::int64_t bytes = 0; bytes < bytes_a_step;) {
    const auto row = found.next();
    if (!row) return unexpected(row.error());
    if (!*row) break;
    const auto seq = found.number<sequence>(0);
    const auto at = found.number<timestamp>(1);
    bytes += found.integer(2);
    if (seq.value <= surplus || (rule.max_age_ms > 0 && at < age.oldest_kept)) {
      due = {seq, bytes};
    } else if (rule.max_age_ms > 0 && at > now) {
      unbelieved = {seq, bytes};
      lowest = std::min(lowest.value_or(at), at);
    } else {
      return due;
    }
  }
  if (due.last.value > 0 || !lowest) return due;
  // The whole portion lies ahead of the clock. The messages after it decide whether it is
  // removed.
  auto& known = ahead_of(room.id, sequence{unbelieved.last.value + 1}, *lowest, now);
  const auto followed = look_behind(known, room.id, age);
  if (!followed) return unexpected(followed.error());
  if (*followed == next_message::unknown) return portion{.undecided = true};
  return *followed == next_message::due ? unbelieved : portion{};
}

sqlite_retention::ahead& sqlite_retention::ahead_of(room_id room, sequence next,
                                                    timestamp lowest, timestamp now) {
  if (ahead_.size() >= max_ahead && !ahead_.contains(room)) ahead_.clear();
  auto& known = ahead_[room];
  // Meanwhile some of them may be believed, or all may be gone.
  if (known.next < next || known.lowest <= now) known = {next, lowest};
  return known;
}

expected<sqlite_retention::next_message, store_error>
sqlite_retention::look_behind(ahead& known, room_id room, const age_rule& rule) {
  auto found = times_.query(room, known.next, times_a_step);
  for (std::int64_t looked_at = 0; looked_at < times_a_step; ++looked_at) {
    const auto row = found.next();
    if (!row) return unexpected(row.error());
    if (!*row) return next_message::kept;
    const auto at = found.number<timestamp>(1);
    if (at <= rule.now) return at < rule.oldest_kept ? next_message::due : next_message::kept;
    known.next = sequence{found.integer(0) + 1};
    known.lowest = std::min(known.lowest, at);
  }
  return next_message::unknown;
}

sqlite::status sqlite_retention::remove(const candidate& room, const portion& due) {
  search_.start();
  sqlite::transaction change{db_};
  return change.begin()
      .and_then([&] { return keep_repeats_.run(room.id, due.last); })
      .and_then([&] { return forget_words(room, due); })
      .and_then([&] { return remember_last_id_.run(); })
      .and_then([&] { return remove_.run(room.id, due.last); })
      .and_then([&] { return advance_.run(sequence{due.last.value + 1}, room.id); })
      .and_then([&] { return search_.finish_care(); })
      .and_then([&] { return change.commit(); });
}

sqlite::status sqlite_retention::forget_words(const candidate& room, const portion& due) {
  auto found = words_.query(room.id, due.last);
  for (;;) {
    const auto row = found.next();
    if (!row) return unexpected(row.error());
    if (!*row) return {};
    const auto user_id = found.text(1);
    const auto content = found.text(2);
    const auto forgotten =
        search_.remove({found.number<message_id>(0), room.id, user_id, content});
    if (!forgotten) return forgotten;
  }
}

} // namespace hubbub
