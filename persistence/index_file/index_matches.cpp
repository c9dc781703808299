#include "persistence/index_file/index_matches.hpp"

#include "persistence/sqlite/sqlite_search.hpp"

#include <sqlite3.h>

#include <algorithm>

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
#undef ROOM_OF_ROW

void is_among(sqlite3_context* result, int, sqlite3_value** values) {
  const auto* allowed =
      static_cast<const std::vector<room_id>*>(sqlite3_value_pointer(values[1], set_kind));
  const bool found =
      allowed && std::ranges::binary_search(*allowed, room_id{sqlite3_value_int64(values[0])});
  sqlite3_result_int(result, found ? 1 : 0);
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

index_matches::index_matches(const index_file& file)
    : rooms_(file.db(), match_rooms), best_(file.db(), best_matches),
      best_among_(file.db(), best_matches_among) {}

expected<index_matches::found_rooms, store_error>
index_matches::rooms(const std::string& expression) {
  found_rooms all;
  auto found = rooms_.query(expression, sqlite_search_queries::max_looked_at);
  for (;;) {
    const auto row = found.next();
    if (!row) return unexpected(row.error());
    if (!*row) return all;
    all.rooms.push_back(found.number<room_id>(0));
    const auto oldest = found.number<message_id>(1);
    if (all.rooms.size() == 1 || oldest < all.oldest) all.oldest = oldest;
  }
}

expected<std::vector<index_match>, store_error> index_matches::best(const question& asked) {
  return all_of(best_.query(asked.expression, sqlite_search_queries::max_ranked, asked.limit,
                            asked.offset, asked.scopes));
}

expected<std::vector<index_match>, store_error>
index_matches::best_among(const question& asked, const found_rooms& allowed) {
  return all_of(best_among_.query(asked.expression, sqlite_search_queries::max_ranked,
                                  asked.limit, asked.offset, asked.scopes, allowed.oldest,
                                  sqlite::pointer{&allowed.rooms, set_kind}));
}

} // namespace hubbub
