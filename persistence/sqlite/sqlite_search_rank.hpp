#pragma once

#include "persistence/sqlite/sqlite_handle.hpp"

#include <cstdint>

namespace hubbub {

/// A word that is in more messages than this is as common as one can be: whoever ranks looks no
/// further.
inline constexpr std::int64_t max_counted = 100'000;

/// Gives the connection the function `content_rank(table, n)`, to be used in queries of a table
/// of the search: how well a row matches, the less the better. BM25 over the column `content`,
/// by all phrases of the query but its last n, which only narrow it. SQLite's own `bm25` would
/// count every row of a room to learn how rare the room is, at each search in it.
[[nodiscard]] sqlite::status add_content_rank(const sqlite::database& db);

} // namespace hubbub
