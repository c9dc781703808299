#pragma once

#include "persistence/sqlite/sqlite_handle.hpp"

#include <cstdint>

namespace hubbub {

/// Number of messages from which on a word counts as common: ranking counts no further.
inline constexpr std::int64_t max_counted = 100'000;

/// Adds the function `content_rank(table, n)` to the connection, for queries of a search table.
/// It returns how well a row matches; less is better. It is BM25 over the column `content`, by
/// all phrases of the query except its last n, which only narrow it. SQLite's own `bm25` would
/// count every row of a room to learn how rare the room is, at each search in it.
[[nodiscard]] sqlite::status add_content_rank(const sqlite::database& db);

} // namespace hubbub
