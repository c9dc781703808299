#pragma once

#include "persistence/sqlite/sqlite_handle.hpp"
#include "proto/expected.hpp"

#include <cstdint>
#include <span>
#include <string>

/// The schema, as the ordered list of the scripts that build it.
namespace hubbub::sqlite {

/// Marks a file as Hubbub's (`PRAGMA application_id`): "Hubb".
inline constexpr std::int32_t application_id = 0x48756262;

/// Returns the migration scripts. Script n leads from version n to version n + 1 (`PRAGMA
/// user_version`; a new file has 0). A released script is never changed: every change is
/// another script.
[[nodiscard]] std::span<const char* const> migrations();

/// Returns the script that puts the messages of the newest version in the order of their ids,
/// for a new file or one that is compacted. Other files of that version may have them in the
/// order of room and `seq`; all statements read both.
[[nodiscard]] const char* order_by_id();

enum class migration_error : std::uint8_t {
  newer,   ///< written by a newer version, which knows more scripts
  foreign, ///< the database of another program
  full,    ///< the disk is full
  corrupt, ///< damaged, or not a database
  io,      ///< any other failure: read-only, locked, not readable
};

[[nodiscard]] migration_error migration_error_of(store_error why);

/// Reads whose database this is, and writes nothing. The error is `newer`, `foreign`, or why
/// the database cannot be read.
[[nodiscard]] expected<void, migration_error> check_origin(database& db,
                                                           std::int64_t newest_version);

/// Migrates the database to the newest version in one transaction: completely or not at all. A
/// new file gets the script `for_new_file` as well, if there is one.
[[nodiscard]] expected<void, migration_error>
migrate(database& db, std::span<const char* const> scripts, const char* for_new_file = nullptr);

/// Returns one sentence that says why this file was refused and what to do. `detail` may be
/// empty.
[[nodiscard]] std::string explain(migration_error why, const std::string& path,
                                  const std::string& detail);

} // namespace hubbub::sqlite
