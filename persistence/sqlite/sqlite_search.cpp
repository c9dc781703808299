#include "persistence/sqlite/sqlite_search.hpp"

#include "persistence/sqlite/search_text.hpp"
#include "persistence/sqlite/sqlite_columns.hpp"
#include "persistence/sqlite/sqlite_room_filter.hpp"
#include "persistence/sqlite/sqlite_search_rank.hpp"

#include <algorithm>
#include <utility>

namespace hubbub {

namespace {

constexpr auto best_matches =
    "SELECT rowid FROM (SELECT rowid, content_rank(search, ?5) AS score FROM search"
    " WHERE search MATCH ?1 ORDER BY rowid DESC LIMIT ?2)"
    " ORDER BY score, rowid DESC LIMIT ?3 OFFSET ?4";
// The same without what lies in rooms that the viewer does not see. The index of ids holds the
// room's number too.
constexpr auto best_seen =
    "SELECT rowid FROM (SELECT rowid, content_rank(search, ?8) AS score FROM search"
    " WHERE search MATCH ?1 AND rowid >= ?5 AND"
    " (?9 OR (SELECT room_id FROM messages INDEXED BY messages_by_id WHERE id = search.rowid)"
    " NOT IN (SELECT id FROM rooms WHERE is_private AND NOT coalesce(" HUBBUB_KNOWN_TO(
        "?6", "?7") ", 0))) AND (?10 OR (SELECT is_named(name, ?11) FROM rooms WHERE id ="
                    " (SELECT room_id FROM messages INDEXED BY messages_by_id"
                    " WHERE id = search.rowid)))"
                    " ORDER BY rowid DESC LIMIT ?2) ORDER BY score, rowid DESC LIMIT ?3 "
                    "OFFSET ?4";
constexpr auto private_room = "SELECT 1 FROM rooms WHERE is_private LIMIT 1";
constexpr auto nth_newest = "SELECT rowid FROM search WHERE search MATCH ?1"
                            " ORDER BY rowid DESC LIMIT 1 OFFSET ?2";
// Snippets can only be cut while the search runs: it runs again over the part of the index that
// holds the hits. The marks are bytes that are in no UTF-8, so no content can imitate them.
constexpr auto cut_snippets =
    "SELECT rowid, snippet(search, 0, CAST(x'ff' AS TEXT), CAST(x'fe' AS TEXT), '…', 24)"
    " FROM search WHERE search MATCH ?1 AND rowid BETWEEN ?2 AND ?3"
    " AND +rowid IN (SELECT value FROM json_each(?4))";
constexpr char match_begins = '\xff';
constexpr char match_ends = '\xfe';
constexpr auto message_by_id = "SELECT " HUBBUB_MESSAGE_COLUMNS " FROM messages WHERE id = ?";
constexpr auto room_name = "SELECT name FROM rooms WHERE id = ?";

/// The words of the text in the column `content`, the room and the user in the column `scope`
/// (see the schema). With AND, no words match nothing; without, they would match everything.
std::string scoped_expression(const search_query& query) {
  auto expression = search_expression(query.text);
  if (expression.empty()) return expression;
  expression = "content : (" + expression + ")";
  if (query.room) expression += " AND scope : \"r" + std::to_string(query.room->value) + '"';
  if (query.user_id) {
    expression += " AND scope : \"u";
    for (const char letter : *query.user_id) {
      constexpr std::string_view digits = "0123456789ABCDEF";
      const auto byte = static_cast<unsigned char>(letter);
      expression += digits[byte / 16U];
      expression += digits[byte % 16U];
    }
    expression += '"';
  }
  return expression;
}

std::vector<snippet_part> parts_of(std::string_view marked) {
  std::vector<snippet_part> parts;
  bool match = false;
  while (!marked.empty()) {
    const auto end = std::min(marked.find(match ? match_ends : match_begins), marked.size());
    if (end > 0) parts.push_back({std::string{marked.substr(0, end)}, match});
    marked.remove_prefix(std::min(end + 1, marked.size()));
    match = !match;
  }
  return parts;
}

} // namespace

sqlite_search_queries::sqlite_search_queries(const sqlite::database& db)
    : db_(db), best_(db, best_matches), best_seen_(db, best_seen),
      private_room_(db, private_room), horizon_(db, nth_newest), cut_(db, cut_snippets),
      message_(db, message_by_id), room_name_(db, room_name) {}

expected<search_page, store_error> sqlite_search_queries::search(const search_query& query) {
  const auto expression = scoped_expression(query);
  const auto offset = std::clamp<std::int64_t>(query.offset, 0, max_ranked);
  const auto limit = std::clamp<std::int64_t>(query.limit, 0, max_ranked);
  search_page page;
  if (expression.empty()) return page;
  if (!ranks_) {
    if (const auto added = add_content_rank(db_); !added) return unexpected(added.error());
    ranks_ = true;
  }
  auto ids = best(query, expression, offset, limit + 1);
  if (!ids) return unexpected(ids.error());
  page.has_more = std::ssize(*ids) > limit;
  if (page.has_more) ids->pop_back();
  if (ids->empty()) return page;

  auto found = cut(expression, *ids);
  if (!found) return unexpected(found.error());
  page.hits.reserve(ids->size());
  for (const auto id : *ids) {
    auto next = hit(id);
    if (!next) return unexpected(next.error());
    next->snippet = std::move((*found)[id]);
    page.hits.push_back(*std::move(next));
  }
  return page;
}

expected<std::vector<message_id>, store_error>
sqlite_search_queries::best(const search_query& query, const std::string& expression,
                            std::int64_t offset, std::int64_t limit) {
  const auto partial = is_partial(query);
  if (!partial) return unexpected(partial.error());
  const auto first =
      *partial ? horizon(expression) : expected<message_id, store_error>{message_id{}};
  if (!first) return unexpected(first.error());
  const std::int64_t scopes = (query.room ? 1 : 0) + (query.user_id ? 1 : 0);
  const auto user = name_of(query.viewer);
  const std::int64_t sees_all = query.viewer.sees_all ? 1 : 0;
  const std::int64_t names_all = query.viewer.patterns ? 0 : 1;
  std::vector<message_id> ids;
  auto found = *partial ? best_seen_.query(expression, max_ranked, limit, offset, *first, user,
                                           query.viewer.now, scopes, sees_all, names_all,
                                           patterns_of(query.viewer))
                        : best_.query(expression, max_ranked, limit, offset, scopes);
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
  auto found = horizon_.query(expression, max_looked_at - 1);
  const auto row = found.next();
  if (!row) return unexpected(row.error());
  return *row ? found.number<message_id>(0) : message_id{};
}

expected<sqlite_search_queries::snippets, store_error>
sqlite_search_queries::cut(const std::string& expression, const std::vector<message_id>& ids) {
  std::string list;
  for (const auto id : ids)
    list += (list.empty() ? "[" : ",") + std::to_string(id.value);
  list += ']';
  const auto [first, last] = std::minmax_element(ids.begin(), ids.end());
  snippets parts;
  auto found = cut_.query(expression, *first, *last, list);
  for (;;) {
    const auto row = found.next();
    if (!row) return unexpected(row.error());
    if (!*row) return parts;
    parts.emplace(found.number<message_id>(0), parts_of(found.text(1)));
  }
}

expected<search_hit, store_error> sqlite_search_queries::hit(message_id id) {
  auto found = message_.query(id);
  const auto row = found.next();
  if (!row) return unexpected(row.error());
  // The words are kept by the same transactions as the messages.
  if (!*row) return unexpected(store_error::corrupt);
  search_hit hit{.found = message_of(found), .room_name = {}, .snippet = {}};
  auto name = room_name_.query(hit.found.room);
  const auto named = name.next();
  if (!named) return unexpected(named.error());
  if (*named) hit.room_name = name.text(0);
  return hit;
}

} // namespace hubbub
