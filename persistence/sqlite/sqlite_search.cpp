#include "persistence/sqlite/sqlite_search.hpp"

#include "persistence/search/query_text.hpp"
#include "persistence/search/snippet.hpp"
#include "persistence/sqlite/sqlite_columns.hpp"
#include "persistence/sqlite/sqlite_room_filter.hpp"
#include "persistence/sqlite/sqlite_search_indexes.hpp"

#include <algorithm>
#include <utility>

namespace hubbub {

namespace {

// Ranks the matches in the table TABLE.
constexpr auto best_matches =
    "SELECT rowid FROM (SELECT rowid, content_rank(TABLE, ?5) AS score FROM TABLE"
    " WHERE TABLE MATCH ?1 ORDER BY rowid DESC LIMIT ?2)"
    " ORDER BY score, rowid DESC LIMIT ?3 OFFSET ?4";
// Ranks the matches, without those in rooms that the viewer does not see.
constexpr auto best_seen =
    "SELECT rowid FROM (SELECT rowid, content_rank(TABLE, ?8) AS score FROM TABLE"
    " WHERE TABLE MATCH ?1 AND rowid >= ?5 AND"
    " (?9 OR (SELECT room_id FROM messages WHERE id = TABLE.rowid)"
    " NOT IN (SELECT id FROM rooms WHERE is_private AND NOT coalesce(" HUBBUB_KNOWN_TO(
        "?6", "?7") ", 0))) AND (?10 OR (SELECT is_named(name, ?11) FROM rooms WHERE id ="
                    " (SELECT room_id FROM messages"
                    " WHERE id = TABLE.rowid)))"
                    " ORDER BY rowid DESC LIMIT ?2) ORDER BY score, rowid DESC LIMIT ?3 "
                    "OFFSET ?4";
constexpr auto nth_newest = "SELECT rowid FROM TABLE WHERE TABLE MATCH ?1"
                            " ORDER BY rowid DESC LIMIT 1 OFFSET ?2";
constexpr auto private_room = "SELECT 1 FROM rooms WHERE is_private LIMIT 1";
constexpr auto shown_room = "SELECT (NOT is_private OR ?4 OR coalesce(" HUBBUB_KNOWN_TO(
    "?2", "?3") ", 0)) AND is_named(name, ?5) FROM rooms WHERE id = ?1";
constexpr auto room_of_message = "SELECT room_id FROM messages WHERE id = ?1";
constexpr auto message_by_id = "SELECT " HUBBUB_MESSAGE_COLUMNS " FROM messages WHERE id = ?";
constexpr auto room_name = "SELECT name FROM rooms WHERE id = ?";

std::string of_table(std::string_view sql, std::string_view table) {
  constexpr std::string_view placeholder = "TABLE";
  std::string named{sql};
  for (auto at = named.find(placeholder); at != std::string::npos;
       at = named.find(placeholder, at + table.size()))
    named.replace(at, placeholder.size(), table);
  return named;
}

} // namespace

struct sqlite_search_queries::table_queries {
  table_queries(const sqlite::database& db, search_index which)
      : index(std::move(which)), best_sql(of_table(best_matches, index.table())),
        best_seen_sql(of_table(hubbub::best_seen, index.table())),
        horizon_sql(of_table(nth_newest, index.table())), best(db, best_sql),
        best_seen(db, best_seen_sql), horizon(db, horizon_sql),
        ranked(db, index.table(), index.generation, room_of_message) {}

  /// True if the words of the index are those of our tokenizer.
  [[nodiscard]] bool has_our_words() const { return index.generation > 0; }

  search_index index;
  std::string best_sql;
  std::string best_seen_sql;
  std::string horizon_sql;
  sqlite::statement best;
  sqlite::statement best_seen;
  sqlite::statement horizon;
  sqlite_ranked_search ranked;
};

sqlite_search_queries::sqlite_search_queries(const sqlite::database& db)
    : db_(db), tail_(db), answering_(db, answering_index_query),
      private_room_(db, private_room), shown_room_(db, shown_room), message_(db, message_by_id),
      room_name_(db, room_name) {}
sqlite_search_queries::~sqlite_search_queries() = default;

expected<search_page, store_error> sqlite_search_queries::search(const search_query& query) {
  const auto phrases = read_query(words_, query.text);
  const auto offset = std::clamp<std::int64_t>(query.offset, 0, max_ranked);
  const auto limit = std::clamp<std::int64_t>(query.limit, 0, max_ranked);
  search_page page;
  if (phrases.empty()) return page;
  if (const auto found = find_table(); !found) return unexpected(found.error());
  auto ids = tail_.matches(table_->index, query, phrases);
  if (!ids) return unexpected(ids.error());
  const auto ahead = std::ssize(*ids);
  ids->erase(ids->begin(), ids->begin() + std::min(offset, ahead));
  if (const auto missing = limit + 1 - std::ssize(*ids); missing > 0) {
    const auto ranked =
        best(query, phrases, std::max<std::int64_t>(offset - ahead, 0), missing);
    if (!ranked) return unexpected(ranked.error());
    ids->insert(ids->end(), ranked->begin(), ranked->end());
  } else {
    ids->resize(static_cast<std::size_t>(limit + 1));
  }
  page.has_more = std::ssize(*ids) > limit;
  if (page.has_more) ids->pop_back();
  page.hits.reserve(ids->size());
  for (const auto id : *ids) {
    auto next = hit(id);
    if (!next) return unexpected(next.error());
    if (!*next) continue;
    (*next)->snippet = cut_snippet(words_, (*next)->found.content, phrases);
    page.hits.push_back(**std::move(next));
  }
  return page;
}

sqlite::status sqlite_search_queries::find_table() {
  auto index = read_answering_index(answering_);
  if (!index) return unexpected(index.error());
  if (!table_ || table_->index.generation != index->generation)
    table_ = std::make_unique<table_queries>(db_, *std::move(index));
  return {};
}

expected<std::vector<message_id>, store_error>
sqlite_search_queries::best(const search_query& query, const std::vector<query_phrase>& phrases,
                            std::int64_t offset, std::int64_t limit) {
  const auto partial = is_partial(query);
  if (!partial) return unexpected(partial.error());
  if (table_->has_our_words()) {
    const ranked_question asked{phrases, query.room, query.user_id, offset, limit};
    auto ranked = *partial
                      ? table_->ranked.best(
                            asked, [&](room_id room) { return is_shown(room, query.viewer); })
                      : table_->ranked.best(asked);
    if (!ranked) return unexpected(ranked.error());
    if (*ranked) return **std::move(ranked);
  }
  return best_by_fts5(query, phrases, *partial, offset, limit);
}

expected<bool, store_error> sqlite_search_queries::is_shown(room_id room,
                                                            const room_viewer& viewer) {
  auto found =
      shown_room_.query(room, name_of(viewer), viewer.now,
                        static_cast<std::int64_t>(viewer.sees_all), patterns_of(viewer));
  const auto row = found.next();
  if (!row) return unexpected(row.error());
  return *row && found.integer(0) != 0;
}

expected<std::vector<message_id>, store_error>
sqlite_search_queries::best_by_fts5(const search_query& query,
                                    const std::vector<query_phrase>& phrases, bool is_partial,
                                    std::int64_t offset, std::int64_t limit) {
  const auto expression = scoped_expression(phrases, query.room, query.user_id);
  const auto first =
      is_partial ? horizon(expression) : expected<message_id, store_error>{message_id{}};
  if (!first) return unexpected(first.error());
  const std::int64_t scopes = (query.room ? 1 : 0) + (query.user_id ? 1 : 0);
  const auto user = name_of(query.viewer);
  const std::int64_t sees_all = query.viewer.sees_all ? 1 : 0;
  const std::int64_t names_all = query.viewer.patterns ? 0 : 1;
  std::vector<message_id> ids;
  auto found = is_partial
                   ? table_->best_seen.query(expression, max_ranked, limit, offset, *first,
                                             user, query.viewer.now, scopes, sees_all,
                                             names_all, patterns_of(query.viewer))
                   : table_->best.query(expression, max_ranked, limit, offset, scopes);
  for (;;) {
    const auto row = found.next();
    if (!row) return unexpected(row.error());
    if (!*row) return ids;
    ids.push_back(found.number<message_id>(0));
  }
}

expected<bool, store_error> sqlite_search_queries::is_partial(const search_query& query) {
  if (query.room) return false;
  if (query.viewer.patterns) return true;
  if (query.viewer.sees_all) return false;
  auto found = private_room_.query();
  return found.next();
}

expected<message_id, store_error>
sqlite_search_queries::horizon(const std::string& expression) {
  auto found = table_->horizon.query(expression, max_looked_at - 1);
  const auto row = found.next();
  if (!row) return unexpected(row.error());
  return *row ? found.number<message_id>(0) : message_id{};
}

expected<std::optional<search_hit>, store_error> sqlite_search_queries::hit(message_id id) {
  auto found = message_.query(id);
  const auto row = found.next();
  if (!row) return unexpected(row.error());
  if (!*row) {
    // The same transactions keep the words and the messages, so a mismatch is damage. If
    // another tokenizer made the words, the present one may not find all of them again to
    // remove them.
    if (table_->index.made_by == tokenizer_version()) return unexpected(store_error::corrupt);
    return std::nullopt;
  }
  search_hit hit{.found = message_of(found), .room_name = {}, .snippet = {}};
  auto name = room_name_.query(hit.found.room);
  const auto named = name.next();
  if (!named) return unexpected(named.error());
  if (*named) hit.room_name = name.text(0);
  return hit;
}

} // namespace hubbub
