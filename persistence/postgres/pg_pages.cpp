#include "persistence/postgres/pg_pages.hpp"

#include "persistence/postgres/pg_columns.hpp"

#include <algorithm>
#include <limits>
#include <optional>

namespace hubbub {

namespace {

// The messages of a time are found by bisection, with a slack of the greatest amount by which
// the clock was set back. $1 room, $2 and $3 first and last, $4 limit, $5 from and $6 until (or
// NULL), $7 user.
#define SELECT_PAGE                                                                            \
  "SELECT " HUBBUB_PG_MESSAGE_COLUMNS " FROM messages WHERE room_id = $1::bigint"              \
  " AND seq >= (SELECT greatest($2::bigint, CASE WHEN $5::bigint IS NOT NULL THEN"             \
  " first_from($1::bigint, $5::bigint -"                                                       \
  " (SELECT clock_back_ms FROM rooms WHERE id = $1::bigint)) END))"                            \
  " AND seq <= (SELECT least($3::bigint, CASE WHEN $6::bigint IS NOT NULL THEN"                \
  " first_from($1::bigint, $6::bigint +"                                                       \
  " (SELECT clock_back_ms FROM rooms WHERE id = $1::bigint)) - 1 END))"                        \
  " AND ($5::bigint IS NULL OR created_at >= $5::bigint)"                                      \
  " AND ($6::bigint IS NULL OR created_at < $6::bigint)"
constexpr pg::statement oldest{"page_oldest", SELECT_PAGE " ORDER BY seq LIMIT $4::bigint"};
constexpr pg::statement newest{"page_newest",
                               SELECT_PAGE " ORDER BY seq DESC LIMIT $4::bigint"};
constexpr pg::statement oldest_by_user{"page_oldest_by_user", SELECT_PAGE
                                       " AND user_id = $7::text ORDER BY seq LIMIT $4::bigint"};
constexpr pg::statement newest_by_user{"page_newest_by_user",
                                       SELECT_PAGE " AND user_id = $7::text"
                                                   " ORDER BY seq DESC LIMIT $4::bigint"};
#undef SELECT_PAGE
// A message that was never changed does not appear here: its rev rises with its seq.
constexpr pg::statement changes{
    "page_changes", "SELECT " HUBBUB_PG_MESSAGE_COLUMNS " FROM messages"
                    " WHERE room_id = $1::bigint AND rev > $2::bigint AND seq <= $3::bigint"
                    " AND (edited_at IS NOT NULL OR deleted_at IS NOT NULL)"
                    " ORDER BY rev LIMIT $4::bigint"};

/// Returns a time far enough from both ends of the range that a slack can be added.
std::optional<timestamp> within_time(const std::optional<timestamp>& at) {
  constexpr auto far = std::numeric_limits<std::int64_t>::max() / 2;
  if (!at) return at;
  return timestamp{std::clamp(at->value, -far, far)};
}

/// Fills a page. One more message than asked for was read, which tells whether there are more.
pg::exchange::taker fill(message_page& page, std::int64_t limit) {
  return [&page, limit](const pg::result& rows) {
    page.has_more = rows.size() > limit;
    const auto count = std::min<std::int64_t>(rows.size(), limit);
    page.messages.reserve(static_cast<std::size_t>(count));
    for (int i = 0; i < count; ++i)
      page.messages.push_back(pg::message_of(rows, i));
  };
}

} // namespace

void queue_walk(pg::exchange& reads, const message_range& range, const page_window& part,
                message_page& page) {
  auto arguments = pg::parameters::of(range.room, part.first, part.last, part.limit + 1,
                                      within_time(range.from), within_time(range.until));
  if (range.user_id) {
    arguments.add(pg::sought(*range.user_id));
    reads.add(part.newest_first ? newest_by_user : oldest_by_user, arguments,
              fill(page, part.limit));
  } else {
    reads.add(part.newest_first ? newest : oldest, arguments, fill(page, part.limit));
  }
}

void queue_changes(pg::exchange& reads, const change_range& range, message_page& page) {
  const auto limit =
      std::clamp<std::int64_t>(range.limit, 0, std::numeric_limits<std::int64_t>::max() - 1);
  reads.add(changes, pg::parameters::of(range.room, range.after, range.up_to, limit + 1),
            fill(page, limit));
}

} // namespace hubbub
