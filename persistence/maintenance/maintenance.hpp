#pragma once

#include "persistence/store.hpp"
#include "proto/expected.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// What an operator does with a database beside serving it. Each opens it by itself and closes
/// it again, in a process that serves nothing. A path is a SQLite file's or an address of
/// PostgreSQL. Errors are sentences.
namespace hubbub {

struct check_report {
  /// What is wrong, a sentence each; empty: nothing. After a hundred the rest is left out.
  std::vector<std::string> findings;
  std::int64_t messages = 0;
  /// Whether the search was compared with the messages word for word: only where nothing else
  /// is wrong, while no server has the database, and where the file may be written: SQLite
  /// takes the comparison for a change.
  bool search_compared = false;
};
/// Reads all of the database and changes nothing. While a server has it, its WAL grows
/// meanwhile. A file that may only be read will do, and what is in a WAL beside it counts.
[[nodiscard]] expected<check_report, std::string> check_database(const std::string& path);

/// Copies the database as it is at one moment, also while a server writes to it. `target` is
/// there when the copy is whole and on disk; a file of this name is replaced.
[[nodiscard]] expected<void, std::string> back_up_database(const std::string& path,
                                                           const std::string& target);

struct compacted {
  std::uintmax_t bytes_before = 0;
  std::uintmax_t bytes_after = 0;
};
/// Gives the file system back what removed messages leave free. Needs as much room again
/// meanwhile, and that no server has the database.
[[nodiscard]] expected<compacted, std::string> compact_database(const std::string& path);

/// Takes one line, without its end; false ends the export.
using line_sink = std::function<bool(std::string_view line)>;
/// Hands each message of a room to `sink`, oldest first, as the JSON that clients get; up to
/// the last one at the beginning, also while a server writes. Returns how many there were.
/// Before them come lines with what else the room is, if it is: `{"room":{"private","owner"}}`
/// and
/// `{"standing":{…}}` for each user on one of its lists.
[[nodiscard]] expected<std::int64_t, std::string>
export_room(const std::string& path, const room_ref& room, const line_sink& sink);

/// The next line, none at the end.
using line_source = std::function<std::optional<std::string>()>;
/// Appends exported messages to a room, which is created where there is none. A message keeps
/// its content, user, times and `client_id` and gets a new `id`, `seq` and `rev`. Its owner,
/// its privacy and its lists are those of the export only where the room is created. All or
/// nothing: a line that is no message is an error that names it. Needs that no server has the
/// database. Returns how many there were.
[[nodiscard]] expected<std::int64_t, std::string>
import_room(const std::string& path, const std::string& room, const line_source& source);

/// Hears how much of a table is copied.
using copy_progress =
    std::function<void(std::string_view table, std::int64_t done, std::int64_t all)>;
/// Copies everything a database holds into an empty one, each a SQLite file or a database of
/// PostgreSQL: what clients have (numbers, offsets, sessions that can be recovered) is good
/// with the copy. No server has either of them meanwhile. A copy that was broken off goes on
/// where it was when it is called again; until it is whole no server starts with it.
[[nodiscard]] expected<void, std::string>
copy_database(const std::string& from, const std::string& to, const copy_progress& progress);

} // namespace hubbub
