#pragma once

#include "persistence/sqlite/sqlite_handle.hpp"

struct fts5_api;

namespace hubbub {

/// FTS5's interface of this connection.
[[nodiscard]] expected<fts5_api*, store_error> fts5_of(const sqlite::database& db);

/// Gives the connection the tokenizer `hubbub`, by which the tables of the search are written
/// and read (see `tokenizer`). Without it SQLite opens the file all the same, but not those
/// tables.
[[nodiscard]] sqlite::status add_search_tokenizer(const sqlite::database& db);

} // namespace hubbub
