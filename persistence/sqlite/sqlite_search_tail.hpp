#pragma once

#include "persistence/search/query_text.hpp"
#include "persistence/search/tokenizer.hpp"
#include "persistence/sqlite/sqlite_handle.hpp"
#include "persistence/sqlite/sqlite_search_indexes.hpp"
#include "persistence/store.hpp"

#include <vector>

namespace hubbub {

/// Searches the tail of the log, the messages that an index has yet to take in
/// (`sqlite_search_indexer`), by reading them.
class sqlite_search_tail {
 public:
  explicit sqlite_search_tail(const sqlite::database& db);

  /// Returns the matches in the tail of this index, the newest first. The caller holds the
  /// snapshot; the connection must have `is_named`.
  [[nodiscard]] expected<std::vector<message_id>, store_error>
  matches(const search_index& index, const search_query& query,
          const std::vector<query_phrase>& phrases);

 private:
  tokenizer words_;
  sqlite::statement messages_;
};

} // namespace hubbub
