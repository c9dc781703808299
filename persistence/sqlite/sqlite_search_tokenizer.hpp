#pragma once

#include "persistence/sqlite/sqlite_handle.hpp"

struct fts5_api;

namespace hubbub {

/// Returns FTS5's interface of this connection.
[[nodiscard]] expected<fts5_api*, store_error> fts5_of(const sqlite::database& db);

/// Adds the tokenizer `hubbub` to the connection, by which the search tables are written and
/// read (see `tokenizer`). Without it SQLite opens the file all the same, but not those tables.
[[nodiscard]] sqlite::status add_search_tokenizer(const sqlite::database& db);

} // namespace hubbub
