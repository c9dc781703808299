#pragma once

#include "proto/expected.hpp"
#include "proto/model.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

/// Where messages are kept. Synchronous and single-threaded: one writer is used by one thread,
/// a reader by one thread. Implementations: SQLite (`sqlite_store.hpp`) and memory
/// (`memory_store.hpp`); `tests/persistence/store_contract` is what both must pass.
namespace hubbub {

enum class store_error : std::uint8_t {
  full,    ///< the disk or the quota is full
  io,      ///< reading or writing failed, or the database is read-only
  corrupt, ///< the database is damaged
  no_such_room,
  already_exists, ///< a room of this name
  not_repeated,   ///< see `append_message::only_if_repeated`
};

/// Appends a message to a room's log.
///
/// Guarantees: `id` grows over the store, `seq` and `rev` of a room by one; a number once given
/// is never given again, whatever is deleted later. With a `client_id` that the same user used
/// in the same room within the dedupe window nothing is stored: the outcome is the first
/// message with `repeated`. A repeated or failed append takes no number.
struct append_message {
  room_id room;
  std::string user_id;
  std::string username;
  std::string content;
  std::optional<std::string> client_id;
  /// The sender may not write here, but a repeat is answered all the same: where the
  /// `client_id` is new the outcome is `not_repeated` and nothing is stored.
  bool only_if_repeated = false;
};

/// Creates a room; `already_exists` if the name is taken (compared byte by byte).
struct create_room {
  std::string name;
};

using write_op = std::variant<append_message, create_room>;

struct appended {
  message stored;
  bool repeated = false;
};
using write_outcome = std::variant<appended, room_record, store_error>;

/// The only writer of its store.
class store_writer {
 public:
  virtual ~store_writer() = default;
  /// Applies `ops` in order in one transaction, durable on return as far as the store's
  /// durability goes, and answers each in its place. If the commit fails, every op fails and
  /// nothing of the batch is kept. `now` stamps what is created; a clock that jumps back is
  /// allowed.
  [[nodiscard]] virtual std::vector<write_outcome> commit(std::span<const write_op> ops,
                                                          timestamp now) = 0;
  /// Removes some dedupe records older than the window, in a transaction of at most a few
  /// milliseconds. Returns true if more are left.
  virtual bool purge_dedupe(timestamp now) = 0;
};

/// Part of a room's log, rising in `seq`.
struct message_page {
  std::vector<message> messages;
  /// There are more messages in the direction walked, within the bounds asked for.
  bool has_more = false;
};

/// `before` and `after` are exclusive. Neither: the newest `limit`; `before` alone: the newest
/// before it; `after`, or both: from its start. `up_to` (inclusive) hides what is newer.
struct message_range {
  room_id room;
  std::optional<sequence> before;
  std::optional<sequence> after;
  std::optional<sequence> up_to;
  std::int64_t limit = 50;
};

/// Sees everything that was committed before the call.
class store_reader {
 public:
  virtual ~store_reader() = default;
  [[nodiscard]] virtual expected<room_record, store_error> find_room(room_id id) = 0;
  [[nodiscard]] virtual expected<room_record, store_error> find_room(std::string_view name) = 0;
  /// Rooms with an id above `after`, by id, at most `limit`. `q`: only names that contain it,
  /// ASCII letters compared without case; empty: all.
  [[nodiscard]] virtual expected<std::vector<room_record>, store_error>
  list_rooms(room_id after, std::string_view q, std::int64_t limit) = 0;
  /// `no_such_room` where there is none.
  [[nodiscard]] virtual expected<message_page, store_error>
  read_messages(const message_range& range) = 0;
};

enum class durability : std::uint8_t {
  full,   ///< an acked message survives loss of power (fsync at each commit)
  normal, ///< … the death of the process
};

struct store_config {
  /// A file, or `:memory:`.
  std::string path = "hubbub.db";
  durability level = durability::full;
  /// How long a client_id is remembered, in milliseconds.
  std::int64_t dedupe_window_ms = 24 * 60 * 60 * 1000;
};

/// An opened store. Outlives its writer and readers.
class store {
 public:
  virtual ~store() = default;
  /// Call once.
  [[nodiscard]] virtual std::unique_ptr<store_writer> writer() = 0;
  /// A reader with a connection of its own.
  [[nodiscard]] virtual std::unique_ptr<store_reader> reader() = 0;
  /// True for a store whose readers may only be used on the writer's thread (memory).
  [[nodiscard]] virtual bool single_threaded() const = 0;
};

/// Opens the store, creating or migrating it. The error is one sentence that says what to do.
[[nodiscard]] expected<std::unique_ptr<store>, std::string>
open_store(const store_config& config);

} // namespace hubbub
