#include "persistence/index_file/index_matches.hpp"

#include "persistence/search/query_text.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <string>

namespace hubbub {

namespace {

constexpr auto set_kind = "room_set";

#define ROOM_OF_ROW "(SELECT room_id FROM entries WHERE id = words.rowid)"
constexpr auto match_rooms = "SELECT room, min(id) FROM (SELECT rowid AS id, " ROOM_OF_ROW
                             " AS room FROM words WHERE words MATCH ?1"
                             " ORDER BY rowid DESC LIMIT ?2) GROUP BY room ORDER BY room";
#define BEST_OF(condition)                                                                     \
  "SELECT e.id, e.room_id, e.seq, e.rev FROM"                                                  \
  " (SELECT rowid AS id, content_rank(words, ?5) AS score FROM words"                          \
  " WHERE words MATCH ?1" condition " ORDER BY rowid DESC LIMIT ?2) m"                         \
  " JOIN entries e ON e.id = m.id ORDER BY m.score, m.id DESC LIMIT ?3 OFFSET ?4"
constexpr auto best_matches = BEST_OF("");
constexpr auto best_matches_among =
    BEST_OF(" AND rowid >= ?6 AND is_among(" ROOM_OF_ROW ", ?7)");
#undef BEST_OF
constexpr auto place_of_entry = "SELECT id, room_id, seq, rev FROM entries WHERE id = ?1";
constexpr auto room_of_entry = "SELECT room_id FROM entries WHERE id = ?1";
#undef ROOM_OF_ROW

bool is_in(const std::vector<room_id>& rooms, room_id room) {
  return std::ranges::binary_search(rooms, room);
}

void is_among(sqlite3_context* result, int, sqlite3_value** values) {
  const auto* allowed =
      static_cast<const std::vector<room_id>*>(sqlite3_value_pointer(values[1], set_kind));
  const bool found = allowed && is_in(*allowed, room_id{sqlite3_value_int64(values[0])});
  sqlite3_result_int(result, found ? 1 : 0);
}

std::string expression_of(const ranked_question& asked) {
  return scoped_expression(asked.phrases, asked.room, asked.user_id);
}

expected<std::vector<index_match>, store_error> all_of(sqlite::rows found) {
  std::vector<index_match> matches;
  for (;;) {
    const auto row = found.next();
    if (!row) return unexpected(row.error());
    if (!*row) return matches;
    matches.push_back({found.number<message_id>(0), found.number<room_id>(1),
                       found.number<sequence>(2), found.number<revision>(3)});
  }
}

} // namespace

sqlite::status add_room_set(const sqlite::database& db) {
  const int code = sqlite3_create_function(db.handle(), "is_among", 2, SQLITE_UTF8, nullptr,
                                           is_among, nullptr, nullptr);
  if (code != SQLITE_OK) return unexpected(sqlite::error_of(code));
  return {};
}

index_matches::index_matches(index_file& file)
    : db_(file.connection()),
      ranked_(db_, "words", index_file::facts_generation, room_of_entry),
      rooms_(db_, match_rooms), best_(db_, best_matches), best_among_(db_, best_matches_among),
      entry_(db_, place_of_entry) {}

expected<index_matches::found_rooms, store_error>
index_matches::rooms(const ranked_question& asked) {
  sqlite::snapshot moment{db_};
  if (const auto begun = moment.begin(); !begun) return unexpected(begun.error());
  auto found = ranked_.rooms(asked);
  if (!found) return unexpected(found.error());
  return *found ? *std::move(*found) : rooms_by_fts5(asked);
}

expected<std::vector<index_match>, store_error>
index_matches::best(const ranked_question& asked) {
  sqlite::snapshot moment{db_};
  if (const auto begun = moment.begin(); !begun) return unexpected(begun.error());
  const auto found = ranked_.best(asked);
  if (!found) return unexpected(found.error());
  return *found ? entries(**found) : best_by_fts5(asked, nullptr);
}

expected<std::vector<index_match>, store_error>
index_matches::best_among(const ranked_question& asked, const found_rooms& allowed) {
  sqlite::snapshot moment{db_};
  if (const auto begun = moment.begin(); !begun) return unexpected(begun.error());
  const auto found = ranked_.best(asked, [&](room_id room) -> expected<bool, store_error> {
    return is_in(allowed.rooms, room);
  });
  if (!found) return unexpected(found.error());
  return *found ? entries(**found) : best_by_fts5(asked, &allowed);
}

expected<std::vector<index_match>, store_error>
index_matches::entries(const std::vector<message_id>& ids) {
  std::vector<index_match> matches;
  matches.reserve(ids.size());
  for (const auto id : ids) {
    auto found = all_of(entry_.query(id));
    if (!found) return found;
    matches.insert(matches.end(), found->begin(), found->end());
  }
  return matches;
}

expected<index_matches::found_rooms, store_error>
index_matches::rooms_by_fts5(const ranked_question& asked) {
  found_rooms all;
  const auto expression = expression_of(asked);
  auto found = rooms_.query(expression, max_looked_at);
  for (;;) {
    const auto row = found.next();
    if (!row) return unexpected(row.error());
    if (!*row) return all;
    all.rooms.push_back(found.number<room_id>(0));
    const auto oldest = found.number<message_id>(1);
    if (all.rooms.size() == 1 || oldest < all.oldest) all.oldest = oldest;
  }
}

expected<std::vector<index_match>, store_error>
index_matches::best_by_fts5(const ranked_question& asked, const found_rooms* allowed) {
  const auto expression = expression_of(asked);
  const std::int64_t scopes = (asked.room ? 1 : 0) + (asked.user_id ? 1 : 0);
  if (!allowed)
    return all_of(best_.query(expression, max_ranked, asked.limit, asked.offset, scopes));
  return all_of(best_among_.query(expression, max_ranked, asked.limit, asked.offset, scopes,
                                  allowed->oldest, sqlite::pointer{&allowed->rooms, set_kind}));
}

} // namespace hubbub
