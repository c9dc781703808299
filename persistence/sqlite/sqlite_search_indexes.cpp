#include "persistence/sqlite/sqlite_search_indexes.hpp"

#include "persistence/search/letters.hpp"
#include "persistence/sqlite/sqlite_search_facts.hpp"

#include <algorithm>
#include <utility>

namespace hubbub {

namespace {

constexpr auto all_indexes =
    "SELECT generation, made_by, state FROM search_indexes ORDER BY generation";

search_index index_of(const sqlite::rows& row) {
  return {.generation = row.integer(0),
          .made_by = row.text(1),
          .state = static_cast<search_index_state>(row.integer(2))};
}

/// Creates an index. `crisismerge` is set higher than the step-by-step merging
/// (`sqlite_search_merges`) lets the number of pieces get, unless nearly all texts are long
/// ones of scripts without spaces: a crisis merges a whole level within one commit.
sqlite::status create_index(sqlite::database& db, const search_index& fresh) {
  const auto table = fresh.table();
  return db.run("CREATE VIRTUAL TABLE " + table +
                " USING fts5 (content, scope, content = 'searchable', content_rowid = 'id',"
                " tokenize = 'hubbub');"
                "INSERT INTO " +
                table + " (" + table + ", rank) VALUES ('crisismerge', 64), ('automerge', 0);" +
                "INSERT INTO search_indexes (generation, made_by, state) VALUES (" +
                std::to_string(fresh.generation) + ", '" + fresh.made_by +
                "', 0);"
                "INSERT OR REPLACE INTO counters (name, value) VALUES ('" +
                fresh.cursor() + "', 0)");
}

/// Returns the condition for the facts of an index.
std::string facts_of(const search_index& index) {
  return "place BETWEEN " + std::to_string(facts_place(index.generation, 0)) + " AND " +
         std::to_string(facts_place(index.generation + 1, 0) - 1);
}

sqlite::status drop_index(sqlite::database& db, const search_index& gone) {
  return db.run(
      "DROP TABLE " + gone.table() +
      ";"
      "DELETE FROM counters WHERE name IN ('" +
      gone.cursor() + "', '" + gone.unfilled() + "'); DELETE FROM search_facts WHERE " +
      facts_of(gone) +
      "; DELETE FROM search_indexes WHERE generation = " + std::to_string(gone.generation));
}

/// Gives up indexes that an interrupted change of tokenizers left half built.
sqlite::status give_up_others(sqlite::database& db, const std::string& made_by) {
  return db.run("UPDATE search_indexes SET state = 2 WHERE state = 0 AND made_by <> '" +
                made_by + "'");
}

sqlite::status begin_index(sqlite::database& db, const std::vector<search_index>& there,
                           const std::string& made_by) {
  std::int64_t highest = 0;
  for (const auto& each : there)
    highest = std::max(highest, each.generation);
  const search_index fresh{.generation = highest + 1, .made_by = made_by};
  if (const auto created = create_index(db, fresh); !created) return created;
  const auto some = db.value("SELECT 1 FROM messages LIMIT 1");
  if (!some) return unexpected(some.error());
  if (!some->empty()) return {};
  if (const auto done = let_built_index_answer(db); !done) return done;
  for (const auto& each : there)
    if (const auto removed = drop_index(db, each); !removed) return removed;
  return db.run("UPDATE counters SET value = (SELECT value FROM counters WHERE name ="
                " 'last_message_id') WHERE name = '" +
                fresh.cursor() + "'");
}

} // namespace

std::string search_index::table() const {
  return generation == 0 ? "search" : "words_" + std::to_string(generation);
}

std::string search_index::cursor() const {
  return "search_cursor_" + std::to_string(generation);
}

std::string search_index::unfilled() const {
  return "search_facts_" + std::to_string(generation);
}

expected<std::vector<search_index>, store_error>
read_search_indexes(const sqlite::database& db) {
  std::vector<search_index> indexes;
  sqlite::statement all{db, all_indexes};
  auto found = all.query();
  for (;;) {
    const auto row = found.next();
    if (!row) return unexpected(row.error());
    if (!*row) return indexes;
    indexes.push_back(index_of(found));
  }
}

expected<search_index, store_error> read_answering_index(sqlite::statement& query) {
  auto found = query.query();
  const auto row = found.next();
  if (!row) return unexpected(row.error());
  if (!*row) return unexpected(store_error::corrupt);
  return index_of(found);
}

sqlite::status ensure_search_index(sqlite::database& db) {
  const auto made_by = tokenizer_version();
  sqlite::transaction change{db};
  if (const auto begun = change.begin(); !begun) return begun;
  if (const auto done = give_up_others(db, made_by); !done) return done;
  const auto there = read_search_indexes(db);
  if (!there) return unexpected(there.error());
  const bool is_there = std::ranges::any_of(*there, [&](const auto& each) {
    return each.made_by == made_by && each.state != search_index_state::leaving;
  });
  if (!is_there)
    if (const auto begun = begin_index(db, *there, made_by); !begun) return begun;
  return change.commit();
}

sqlite::status let_built_index_answer(sqlite::database& db) {
  return db.run("UPDATE search_indexes SET state = 2 WHERE state = 1;"
                "UPDATE search_indexes SET state = 1 WHERE state = 0");
}

expected<bool, store_error> remove_some_of(sqlite::database& db, const search_index& leaving) {
  const auto table = leaving.table();
  // Deletes the rows of FTS5's own tables, since DROP TABLE reads every page in one
  // transaction. The first rows of the data tell FTS5 what exists, so they are kept until the
  // end.
  const std::string removals[] = {
      "DELETE FROM " + table + "_data WHERE id IN (SELECT id FROM " + table +
          "_data WHERE id > 10 LIMIT 200)",
      "DELETE FROM " + table + "_idx WHERE (segid, term) IN (SELECT segid, term FROM " + table +
          "_idx LIMIT 2000)",
      "DELETE FROM " + table + "_docsize WHERE id IN (SELECT id FROM " + table +
          "_docsize LIMIT 2000)",
      "DELETE FROM search_facts WHERE place IN (SELECT place FROM search_facts WHERE " +
          facts_of(leaving) + " LIMIT 100)"};
  sqlite::transaction change{db};
  if (const auto begun = change.begin(); !begun) return unexpected(begun.error());
  bool more = false;
  for (const auto& each : removals) {
    sqlite::statement removal{db, each};
    if (const auto done = removal.run(); !done) return unexpected(done.error());
    more = removal.changes() > 0;
    if (more) break;
  }
  if (!more)
    if (const auto done = drop_index(db, leaving); !done) return unexpected(done.error());
  if (const auto done = change.commit(); !done) return unexpected(done.error());
  return more;
}

} // namespace hubbub
