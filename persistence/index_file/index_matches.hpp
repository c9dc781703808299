#pragma once

#include "persistence/index_file/index_file.hpp"
#include "persistence/sqlite/sqlite_handle.hpp"
#include "persistence/sqlite/sqlite_ranked_search.hpp"
#include "persistence/store.hpp"

#include <optional>
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
  explicit index_matches(index_file& file);

  using found_rooms = sqlite_ranked_search::found_rooms;
  /// Returns the rooms of the newest matches (`max_looked_at`), and the oldest of these
  /// matches.
  [[nodiscard]] expected<found_rooms, store_error> rooms(const ranked_question& asked);
  /// Returns the best matches.
  [[nodiscard]] expected<std::vector<index_match>, store_error>
  best(const ranked_question& asked);
  /// Returns the best matches in these rooms, in rising order, down to the oldest one.
  [[nodiscard]] expected<std::vector<index_match>, store_error>
  best_among(const ranked_question& asked, const found_rooms& allowed);

 private:
  using found_ids = std::optional<std::vector<message_id>>;

  [[nodiscard]] expected<std::vector<index_match>, store_error>
  entries(const std::vector<message_id>& ids);
  /// The same by FTS5, for what cannot be read without it.
  [[nodiscard]] expected<found_rooms, store_error> rooms_by_fts5(const ranked_question& asked);
  [[nodiscard]] expected<std::vector<index_match>, store_error>
  best_by_fts5(const ranked_question& asked, const found_rooms* allowed);

  sqlite::database& db_;
  sqlite_ranked_search ranked_;
  sqlite::statement rooms_;
  sqlite::statement best_;
  sqlite::statement best_among_;
  sqlite::statement entry_;
};

} // namespace hubbub
