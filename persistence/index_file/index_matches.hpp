#pragma once

#include "persistence/index_file/index_file.hpp"
#include "persistence/sqlite/sqlite_handle.hpp"
#include "persistence/store.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace hubbub {

/// A message that an index found.
struct index_match {
  message_id id;
  room_id room;
  sequence seq;
  revision rev; ///< of the content that matched
};

/// Adds the function `is_among(room, set)` to the connection: true if the set, which
/// `index_matches` passes, contains the room.
[[nodiscard]] sqlite::status add_room_set(const sqlite::database& db);

/// Queries an index, by the same bounds and the same ranking as a SQLite store.
class index_matches {
 public:
  explicit index_matches(const index_file& file);

  /// The rooms of the newest matches (`sqlite_search_queries::max_looked_at`), and the oldest
  /// of these matches.
  struct found_rooms {
    std::vector<room_id> rooms;
    message_id oldest;
  };
  [[nodiscard]] expected<found_rooms, store_error> rooms(const std::string& expression);

  /// What to find: the expression, and how many of its phrases only narrow it.
  struct question {
    const std::string& expression;
    std::int64_t scopes = 0;
    std::int64_t offset = 0;
    std::int64_t limit = 0;
  };
  /// Returns the best matches.
  [[nodiscard]] expected<std::vector<index_match>, store_error> best(const question& asked);
  /// Returns the best matches in these rooms, in rising order, down to the oldest one.
  [[nodiscard]] expected<std::vector<index_match>, store_error>
  best_among(const question& asked, const found_rooms& allowed);

 private:
  sqlite::statement rooms_;
  sqlite::statement best_;
  sqlite::statement best_among_;
};

} // namespace hubbub
