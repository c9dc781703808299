#include "persistence/sqlite/sqlite_search_tail.hpp"

#include "persistence/search/snippet.hpp"
#include "persistence/sqlite/sqlite_columns.hpp"
#include "persistence/sqlite/sqlite_room_filter.hpp"

#include <cstdint>

namespace hubbub {

namespace {

// The messages after the cursor ?1 that the search may show. Whoever searches one room may read
// it; in a search of all rooms each room must be visible to the viewer.
constexpr auto messages_in_tail =
    "SELECT id, content FROM messages"
    " WHERE id > (SELECT value FROM counters WHERE name = ?1)"
    " AND (?2 IS NULL OR room_id = ?2) AND (?3 IS NULL OR user_id = ?3)"
    " AND (?2 IS NOT NULL OR EXISTS (SELECT 1 FROM rooms WHERE id = messages.room_id"
    " AND (is_private = 0 OR ?6 OR " HUBBUB_KNOWN_TO("?4", "?5") ") AND is_named(name, ?7)))"
                                                                 " ORDER BY id DESC";

} // namespace

sqlite_search_tail::sqlite_search_tail(const sqlite::database& db)
    : messages_(db, messages_in_tail) {}

expected<std::vector<message_id>, store_error>
sqlite_search_tail::matches(const search_index& index, const search_query& query,
                            const std::vector<query_phrase>& phrases) {
  std::vector<message_id> found;
  const auto cursor = index.cursor();
  auto tail = messages_.query(
      cursor, query.room, query.user_id, name_of(query.viewer), query.viewer.now,
      static_cast<std::int64_t>(query.viewer.sees_all), patterns_of(query.viewer));
  for (;;) {
    const auto row = tail.next();
    if (!row) return unexpected(row.error());
    if (!*row) return found;
    if (contains_all(words_, tail.text(1), phrases))
      found.push_back(tail.number<message_id>(0));
  }
}

} // namespace hubbub
