#include "persistence/sqlite/sqlite_pages.hpp"

#include "persistence/sqlite/sqlite_columns.hpp"

#include <algorithm>
#include <utility>

namespace hubbub {

namespace {

constexpr auto most = std::numeric_limits<std::int64_t>::max();
constexpr auto least = std::numeric_limits<std::int64_t>::min();

// The times are inclusive; without a filter they are the least and the greatest time.
#define SELECT_PAGE "SELECT " HUBBUB_MESSAGE_COLUMNS " FROM messages "
#define IN_WINDOW " seq BETWEEN ?2 AND ?3 AND created_at BETWEEN ?5 AND ?6"
constexpr auto oldest_page =
    SELECT_PAGE "WHERE room_id = ?1 AND" IN_WINDOW " ORDER BY seq LIMIT ?4";
constexpr auto newest_page =
    SELECT_PAGE "WHERE room_id = ?1 AND" IN_WINDOW " ORDER BY seq DESC LIMIT ?4";
// Walks block by block through those that contain messages of the user.
#define SELECT_PAGE_OF_USER                                                                    \
  "SELECT " HUBBUB_MESSAGE_COLUMNS " FROM"                                                     \
  " (SELECT block FROM user_blocks WHERE room_id = ?1 AND user_id = ?7"                        \
  " AND block BETWEEN ?2 >> 6 AND ?3 >> 6) CROSS JOIN messages"                                \
  " WHERE room_id = ?1 AND seq BETWEEN max(?2, block << 6) AND min(?3, (block << 6) + 63)"     \
  " AND user_id = ?7 AND created_at BETWEEN ?5 AND ?6"
constexpr auto oldest_by_user = SELECT_PAGE_OF_USER " ORDER BY block, seq LIMIT ?4";
constexpr auto newest_by_user = SELECT_PAGE_OF_USER " ORDER BY block DESC, seq DESC LIMIT ?4";
#undef SELECT_PAGE_OF_USER
// A message that was never changed does not appear here: its rev rises with its seq.
constexpr auto changes =
    SELECT_PAGE "INDEXED BY changed_messages WHERE room_id = ? AND rev > ? AND seq <= ?"
                " AND (edited_at IS NOT NULL OR deleted_at IS NOT NULL) ORDER BY rev LIMIT ?";
#undef IN_WINDOW
#undef SELECT_PAGE
constexpr auto acked_messages =
    "SELECT seq FROM messages WHERE room_id = ? AND seq BETWEEN ? AND ? AND acked_to = ?"
    " ORDER BY seq LIMIT ?";
constexpr auto room_bounds =
    "SELECT first_seq, last_seq, clock_back_ms FROM rooms WHERE id = ?";
constexpr auto time_of = "SELECT created_at FROM messages WHERE room_id = ? AND seq = ?";

} // namespace

sqlite_page_queries::sqlite_page_queries(const sqlite::database& db)
    : oldest_(db, oldest_page), newest_(db, newest_page), oldest_by_user_(db, oldest_by_user),
      newest_by_user_(db, newest_by_user), changes_(db, changes), acked_(db, acked_messages),
      bounds_(db, room_bounds), time_of_(db, time_of) {}

expected<message_page, store_error> sqlite_page_queries::read(const message_range& range) {
  auto part = window_of(range);
  if (range.from || range.until)
    if (const auto narrowed = narrow(part, range); !narrowed)
      return unexpected(narrowed.error());
  if (range.around) return read_around(range, part);
  auto page = walk(range, part);
  if (page && part.newest_first) std::reverse(page->messages.begin(), page->messages.end());
  return page;
}

expected<message_page, store_error> sqlite_page_queries::walk(const message_range& range,
                                                              const page_window& part) {
  const auto from = range.from.value_or(timestamp{least});
  const timestamp to{std::max(range.until.value_or(timestamp{most}).value, least + 1) - 1};
  auto& statement = range.user_id ? (part.newest_first ? newest_by_user_ : oldest_by_user_)
                                  : (part.newest_first ? newest_ : oldest_);
  // One more than asked for is read, which tells whether there are more.
  const auto one_more = part.limit + 1;
  auto found = range.user_id
                   ? statement.query(range.room, part.first, part.last, one_more, from, to,
                                     *range.user_id)
                   : statement.query(range.room, part.first, part.last, one_more, from, to);
  message_page page;
  for (;;) {
    const auto row = found.next();
    if (!row) return unexpected(row.error());
    if (!*row) return page;
    page.has_more = std::ssize(page.messages) == part.limit;
    if (page.has_more) return page;
    page.messages.push_back(message_of(found));
  }
}

expected<message_page, store_error> sqlite_page_queries::read_around(const message_range& range,
                                                                     const page_window& whole) {
  const auto [older, newer] = around(whole, *range.around);
  auto before = walk(range, older);
  if (!before) return before;
  auto page = walk(range, newer);
  if (!page) return page;
  return join_around(*std::move(before), *std::move(page), whole.limit);
}

sqlite::status sqlite_page_queries::narrow(page_window& part, const message_range& range) {
  auto found = bounds_.query(range.room);
  const auto row = found.next();
  if (!row) return unexpected(row.error());
  if (!*row) return {};
  const auto first = found.integer(0);
  const auto last = found.integer(1);
  // A clock that was set back makes a later message look older, by at most this much.
  const auto slack = found.integer(2);
  if (!is_counter(first) || !is_counter(last) || !is_counter(slack))
    return unexpected(store_error::corrupt);
  const auto past_last = last + 1;
  if (range.from) {
    const auto from = std::max(range.from->value, least + slack) - slack;
    const auto seq = first_from(range.room, first, past_last, from);
    if (!seq) return unexpected(seq.error());
    part.first = std::max(part.first, *seq);
  }
  if (range.until) {
    const auto until = std::min(range.until->value, most - slack) + slack;
    const auto seq = first_from(range.room, first, past_last, until);
    if (!seq) return unexpected(seq.error());
    part.last = std::min(part.last, *seq - 1);
  }
  return {};
}

expected<std::int64_t, store_error> sqlite_page_queries::first_from(room_id room,
                                                                    std::int64_t first,
                                                                    std::int64_t past_last,
                                                                    std::int64_t time) {
  while (first < past_last) {
    const auto middle = first + (past_last - first) / 2;
    auto found = time_of_.query(room, middle);
    const auto row = found.next();
    if (!row) return unexpected(row.error());
    if (!*row) return unexpected(store_error::corrupt); // a gap
    if (found.integer(0) < time)
      first = middle + 1;
    else
      past_last = middle;
  }
  return first;
}

expected<message_page, store_error>
sqlite_page_queries::read_changes(const change_range& range) {
  const auto limit = std::clamp<std::int64_t>(range.limit, 0, most - 1);
  auto found = changes_.query(range.room, range.after, range.up_to, limit + 1);
  message_page page;
  for (;;) {
    const auto row = found.next();
    if (!row) return unexpected(row.error());
    if (!*row) return page;
    page.has_more = std::ssize(page.messages) == limit;
    if (page.has_more) return page;
    page.messages.push_back(message_of(found));
  }
}

expected<std::vector<sequence>, store_error>
sqlite_page_queries::acked(recovery_id session, const message_range& range) {
  const auto part = window_of(range);
  auto found = acked_.query(range.room, part.first, part.last, session, part.limit);
  std::vector<sequence> seqs;
  for (;;) {
    const auto row = found.next();
    if (!row) return unexpected(row.error());
    if (!*row) return seqs;
    seqs.push_back(found.number<sequence>(0));
  }
}

} // namespace hubbub
