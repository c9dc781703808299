#pragma once

#include "persistence/search/tokenizer.hpp"
#include "persistence/sqlite/sqlite_handle.hpp"
#include "persistence/sqlite/sqlite_ranked_search.hpp"
#include "persistence/sqlite/sqlite_search_tail.hpp"
#include "persistence/store.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace hubbub {

/// Searches the full text of messages. The caller holds the snapshot.
class sqlite_search_queries {
 public:
  explicit sqlite_search_queries(const sqlite::database& db);
  sqlite_search_queries(const sqlite_search_queries&) = delete;
  sqlite_search_queries& operator=(const sqlite_search_queries&) = delete;
  ~sqlite_search_queries();

  /// Runs a search: matches in the tail of the log first, then those in the index, the best
  /// first. The connection must have the tokenizer, `content_rank` and `is_named`.
  [[nodiscard]] expected<search_page, store_error> search(const search_query& query);

 private:
  struct table_queries; ///< the statements for one index

  /// Makes `table_` refer to the index that currently answers.
  [[nodiscard]] sqlite::status find_table();
  /// Returns the best matches in the index.
  [[nodiscard]] expected<std::vector<message_id>, store_error>
  best(const search_query& query, const std::vector<query_phrase>& phrases, std::int64_t offset,
       std::int64_t limit);
  /// Has FTS5 find and rank them.
  [[nodiscard]] expected<std::vector<message_id>, store_error>
  best_by_fts5(const search_query& query, const std::vector<query_phrase>& phrases,
               bool is_partial, std::int64_t offset, std::int64_t limit);
  /// True if a search by this viewer shows matches in the room.
  [[nodiscard]] expected<bool, store_error> is_shown(room_id room, const room_viewer& viewer);
  /// True if some rooms may have to be left out.
  [[nodiscard]] expected<bool, store_error> is_partial(const search_query& query);
  /// Returns the oldest match that is looked at.
  [[nodiscard]] expected<message_id, store_error> horizon(const std::string& expression);
  /// Returns the match without its snippet; nothing if the answering index is not in step.
  [[nodiscard]] expected<std::optional<search_hit>, store_error> hit(message_id id);

  const sqlite::database& db_;
  tokenizer words_;
  std::unique_ptr<table_queries> table_;
  sqlite_search_tail tail_;
  sqlite::statement answering_;
  sqlite::statement private_room_;
  sqlite::statement shown_room_;
  sqlite::statement message_;
  sqlite::statement room_name_;
};

} // namespace hubbub
