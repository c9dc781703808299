#pragma once

#include "persistence/store.hpp"
#include "proto/expected.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// What an operator can do with a database besides serving it. Each function opens the database
/// itself and closes it again, in a process that serves nothing. A path names a SQLite file or
/// a PostgreSQL database. Errors are sentences.
namespace hubbub {

struct check_report {
  /// The faults that were found, a sentence each; empty if there are none. After a hundred the
  /// rest is left out.
  std::vector<std::string> findings;
  std::int64_t messages = 0;
  /// True if the search was compared with the messages word by word. That needs a database that
  /// is otherwise without faults, that no server uses, and whose file may be written, since
  /// SQLite treats the comparison as a write.
  bool search_compared = false;
};
/// Reads the whole database and changes nothing. While a server uses the database, its WAL
/// grows meanwhile. A read-only file is accepted, and a WAL beside it is read too.
[[nodiscard]] expected<check_report, std::string> check_database(const std::string& path);

/// Copies the database as it is at one moment, also while a server writes to it. `target`
/// appears once the copy is complete and on disk; a file of this name is replaced.
[[nodiscard]] expected<void, std::string> back_up_database(const std::string& path,
                                                           const std::string& target);

struct compacted {
  std::uintmax_t bytes_before = 0;
  std::uintmax_t bytes_after = 0;
};
/// Returns the space that removed messages left free to the file system, and puts the messages
/// of an older file in the order of their ids. Needs meanwhile as much space as the file will
/// have in its folder, and as much in SQLite's folder for temporary files (`SQLITE_TMPDIR`, or
/// `/var/tmp`); for an older file 2.5 times as much as it holds, or is refused. No server may
/// use the database.
[[nodiscard]] expected<compacted, std::string> compact_database(const std::string& path);

/// Takes one line without its line break; false ends the export.
using line_sink = std::function<bool(std::string_view line)>;
/// Passes each message of a room to `sink`, oldest first, as the JSON that clients get, up to
/// the last message at the start; a server may write meanwhile. Returns the number of messages.
/// They are preceded by lines with the other properties of the room, if it has any:
/// `{"room":{"private","owner"}}`, and `{"standing":{…}}` for each user on one of its lists.
[[nodiscard]] expected<std::int64_t, std::string>
export_room(const std::string& path, const room_ref& room, const line_sink& sink);

/// Returns the next line; nothing at the end.
using line_source = std::function<std::optional<std::string>()>;
/// Appends exported messages to a room, which is created if it does not exist. A message keeps
/// its content, user, times and `client_id` and gets a new `id`, `seq` and `rev`. Owner,
/// privacy and lists are taken from the export only if the room is created. Imports all or
/// nothing: a line that is not a message is an error that names the line. No server may use the
/// database. Returns the number of messages.
[[nodiscard]] expected<std::int64_t, std::string>
import_room(const std::string& path, const std::string& room, const line_source& source);

/// A node of a cluster, by its last lease.
struct node_status {
  std::int64_t node_id = 0;
  std::int64_t epoch = 0;   ///< rises when a server takes the number
  bool is_alive = false;    ///< the lease holds
  std::int64_t left_ms = 0; ///< until the lease ends; negative since it ended
  std::int64_t wire = 0;    ///< the version of what it tells the others
  std::int64_t rooms = 0;   ///< rooms with members on this node, by any lease of it that holds
  std::int64_t members = 0; ///< users in rooms on this node, counted once in each room
  std::string url = {};     ///< how the others reach it; empty: they do not
};
struct cluster_status {
  std::vector<node_status> nodes; ///< by `node_id`; those with a lease in the last minutes
  std::int64_t rooms = 0;         ///< rooms with members on any living node
  std::int64_t members = 0;       ///< users in rooms, counted once in each room
  std::int64_t users = 0;         ///< users in rooms, counted once
};
/// Reads which nodes share a database, and who is in rooms on them. Disturbs nobody.
[[nodiscard]] expected<cluster_status, std::string> read_cluster(const std::string& path);

/// Reports how many rows of a table have been copied.
using copy_progress =
    std::function<void(std::string_view table, std::int64_t done, std::int64_t all)>;
/// Copies everything in a database into an empty one; each is a SQLite file or a PostgreSQL
/// database. Whatever clients hold (numbers, offsets, sessions that can be recovered) stays
/// valid with the copy. No server may use either of them meanwhile. An interrupted copy
/// continues where it was when this is called again; until it is complete no server starts with
/// the target.
[[nodiscard]] expected<void, std::string>
copy_database(const std::string& from, const std::string& to, const copy_progress& progress);

} // namespace hubbub
