#pragma once

#include "persistence/sqlite/file_lock.hpp"
#include "persistence/sqlite/sqlite_handle.hpp"
#include "proto/expected.hpp"

#include <string>

/// How the tools of `maintenance.hpp` get at a database.
namespace hubbub {

/// Opens a database that is there, is ours and is of this version.
[[nodiscard]] expected<sqlite::database, std::string> open_existing(const std::string& path,
                                                                    sqlite::access mode);

/// A database that nobody else has, brought to this version.
struct owned_database {
  file_lock lock;
  sqlite::database db;
};
[[nodiscard]] expected<owned_database, std::string> own_existing(const std::string& path);

/// What to say when SQLite failed: what was to be done, and SQLite's own words.
[[nodiscard]] std::string failure(const std::string& task, const sqlite::database& db);

} // namespace hubbub
