#pragma once

#include "persistence/sqlite_handle.hpp"
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

 private:
  using snippets = std::unordered_map<message_id, std::vector<snippet_part>>;

  [[nodiscard]] expected<std::vector<message_id>, store_error>
  best(const std::string& expression, std::int64_t scopes, std::int64_t offset,
       std::int64_t limit);
  [[nodiscard]] expected<snippets, store_error> cut(const std::string& expression,
                                                    const std::vector<message_id>& ids);
  [[nodiscard]] expected<search_hit, store_error> hit(message_id id);

  const sqlite::database& db_;
  bool ranks_ = false; ///< the connection has `content_rank`
  sqlite::statement best_;
  sqlite::statement cut_;
  sqlite::statement message_;
  sqlite::statement room_name_;
};

} // namespace hubbub
