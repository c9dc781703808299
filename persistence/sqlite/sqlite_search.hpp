#pragma once

#include "persistence/sqlite/sqlite_handle.hpp"
#include "persistence/store.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace hubbub {

/// Full-text search. The caller holds the snapshot.
class sqlite_search_queries {
 public:
  explicit sqlite_search_queries(const sqlite::database& db);
  [[nodiscard]] expected<search_page, store_error> search(const search_query& query);

  /// Of the messages that match, so many of the newest are ranked: a word that is in every
  /// message would have all of them ranked otherwise.
  static constexpr std::int64_t max_ranked = 10'000;
  /// And so many are looked at for those in rooms that the viewer sees.
  static constexpr std::int64_t max_looked_at = 100'000;

 private:
  using snippets = std::unordered_map<message_id, std::vector<snippet_part>>;

  [[nodiscard]] expected<std::vector<message_id>, store_error>
  best(const search_query& query, const std::string& expression, std::int64_t offset,
       std::int64_t limit);
  /// True if some rooms may have to be left out.
  [[nodiscard]] expected<bool, store_error> is_partial(const search_query& query);
  /// The first match that is looked at.
  [[nodiscard]] expected<message_id, store_error> horizon(const std::string& expression);
  [[nodiscard]] expected<snippets, store_error> cut(const std::string& expression,
                                                    const std::vector<message_id>& ids);
  [[nodiscard]] expected<search_hit, store_error> hit(message_id id);

  const sqlite::database& db_;
  bool ranks_ = false; ///< the connection has `content_rank`
  sqlite::statement best_;
  sqlite::statement best_seen_;
  sqlite::statement private_room_;
  sqlite::statement horizon_;
  sqlite::statement cut_;
  sqlite::statement message_;
  sqlite::statement room_name_;
};

} // namespace hubbub
