#pragma once

#include "persistence/sqlite/sqlite_handle.hpp"

#include <cstdint>

namespace hubbub {

/// Number of messages from which on a word counts as common: ranking counts no further.
inline constexpr std::int64_t max_counted = 100'000;

/// Ranks how well a message matches, by BM25: less is better. The parts of all phrases of a
/// query are added.
class content_ranking {
 public:
  /// Takes the number of rows of an index, and of the words in their contents.
  content_ranking(std::int64_t rows, std::int64_t words);

  /// Returns how rare a phrase is that so many rows have.
  [[nodiscard]] double rarity(std::int64_t with) const;
  /// Returns the part of a phrase of this rarity, which occurs so often in a content of so many
  /// words.
  [[nodiscard]] double part(double rarity, double found, double length) const;
  /// A query of one phrase is ranked alike whatever its rarity is, so nothing has to be
  /// counted.
  static constexpr double only_rarity = 1;

 private:
  double rows_;
  double average_length_;
};

/// Adds the function `content_rank(table, n)` to the connection, for queries of a search table.
/// It returns how well a row matches; less is better. It is BM25 over the column `content`, by
/// all phrases of the query except its last n, which only narrow it. SQLite's own `bm25` would
/// count every row of a room to learn how rare the room is, at each search in it.
///
/// It reads each match, and is for what `sqlite_ranked_search` cannot do.
[[nodiscard]] sqlite::status add_content_rank(const sqlite::database& db);

} // namespace hubbub
