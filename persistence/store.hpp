#pragma once

#include "include/hubbub/export.hpp"
#include "persistence/node_lease.hpp"
#include "persistence/orders.hpp"
#include "persistence/write_ops.hpp"
#include "proto/access/standing.hpp"
#include "proto/expected.hpp"
#include "proto/model.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// Stores messages. A store is synchronous and single-threaded: its writer is used by one
/// thread, and each reader by one thread. SQLite implements it (`sqlite_store.hpp`), in a file
/// or in memory, and so does PostgreSQL (`pg_store.hpp`); every store must pass the tests named
/// `tests/persistence/store_*`.
namespace hubbub {

/// How far a new search index has been built; until it is complete the old one answers.
struct search_progress {
  bool building = false;
  std::int64_t behind = 0;    ///< messages that it has yet to take in
  std::int64_t of = 0;        ///< number of all messages
  bool disk_too_full = false; ///< building waits for space on the disk
};

/// The state of a search index that a server keeps in a file of its own, beside the database.
struct index_state {
  bool is_kept = false;       ///< false: the database holds the index, or there is none
  bool is_usable = false;     ///< the last use of the index succeeded
  bool is_complete = false;   ///< it held everything that was stored when it was last fed
  bool has_failed = false;    ///< the last use failed
  bool disk_too_full = false; ///< because the disk is too full to feed it
  std::int64_t behind = 0;    ///< about how many messages it has yet to take in
  std::uint64_t rebuilds = 0; ///< how often it was begun anew
};

/// The only writer of its store.
class store_writer {
 public:
  virtual ~store_writer() = default;
  /// Applies `ops` in order in one transaction and returns the outcome of each in the same
  /// order. On return they are as durable as the store's durability says. If the commit fails,
  /// every op fails and nothing of the batch is kept. `now` is the time of what is created,
  /// unless several nodes write the store: then that has the store's own time. A clock that
  /// jumps back is allowed.
  [[nodiscard]] virtual std::vector<write_outcome> commit(std::span<const write_op> ops,
                                                          timestamp now) = 0;
  /// Returns how long after the last commit operations should gather for the next one, if
  /// several were under way. Zero in a store where a commit costs little.
  [[nodiscard]] virtual std::chrono::nanoseconds gathering_time() const { return {}; }
  /// What other nodes wrote to a room before a batch of this one.
  struct foreign_part {
    std::size_t before = 0; ///< the first op of the batch that is about the room
    log_part entries;
  };
  /// Returns what other nodes wrote to the rooms of the last batch, ordered by `before`: of
  /// each room everything after the op's `known` and before the op's own entry, except what was
  /// returned before. If that is too much for one batch, it is the beginning, and the ops of
  /// this room fail with `busy`. Always empty in a store with one writer.
  [[nodiscard]] virtual std::vector<foreign_part> take_foreign() { return {}; }
  /// Removes some messages by the rules of retention, dedupe records and recoverable sessions
  /// past their windows, or expired standings; or takes care of the search. It runs one
  /// transaction of at most a few milliseconds. Returns true if more may be left.
  virtual bool purge(timestamp now) = 0;
  /// Returns the progress of a search index that `purge` builds anew, a little at each call.
  /// That happens if the program splits words by other rules than those of the existing index.
  [[nodiscard]] virtual search_progress searching() const { return {}; }
  /// Returns how many of the newest messages the search index has yet to take in: the tail of
  /// the log. It is bounded. A search reads the tail from the log, and shows what it finds
  /// there first; so whoever wants it ranked with the rest indexes it before the search.
  [[nodiscard]] virtual std::int64_t search_tail() const { return 0; }
  /// Takes some of the tail into the search index, in one transaction of at most a few
  /// milliseconds. Returns true if more is left; false if nothing is left, or if the storage
  /// failed: then the tail stays as it is.
  virtual bool index_tail() { return false; }
  /// Stops writing, since a reader met damage: from here on nothing is written and every op
  /// fails with `corrupt`. A writer that meets damage itself does the same.
  virtual void stop_writing() = 0;
  /// Returns the bytes of the log of commits (a WAL); 0 if there is none.
  [[nodiscard]] virtual std::uint64_t log_bytes() const { return 0; }
  /// Requests upkeep; see `leave_upkeep`.
  using upkeep_start = std::function<void(bool urgent)>;
  /// Leaves the store's upkeep to somebody else: from here on `commit` and `purge` do none.
  /// Instead they call `start` when some is due; then `store_upkeep::run` and after it
  /// `on_upkeep_done` must be called. With `urgent` nothing may be committed until then, since
  /// upkeep falls due faster than it is done. With null the writer does its upkeep again. A
  /// store without upkeep never calls `start`.
  virtual void leave_upkeep([[maybe_unused]] const upkeep_start& start) {}
  /// Tells the writer that the upkeep it asked for is done. Call once for each call of `start`.
  virtual void on_upkeep_done() {}
};

/// Upkeep of a store that its writer need not wait for. Belongs to a thread of its own.
class store_upkeep {
 public:
  virtual ~store_upkeep() = default;
  /// Does the upkeep that is due. Failures are ignored: what was not done is left for the next
  /// call.
  virtual void run() = 0;
};

/// A part of a room's log, in rising order of `seq`.
struct message_page {
  std::vector<message> messages;
  /// True if there are more messages in the direction of the walk, within the bounds and
  /// filters. Around a message: newer ones.
  bool has_more = false;
  /// Around a message, true if there are older ones too.
  bool has_more_before = false;
};

/// The messages to read from a room's log. `before` and `after` are exclusive. With neither,
/// they are the newest `limit`; with `before` alone, the newest before it; with `after`, or
/// both, the first after it. `up_to` (inclusive) hides newer messages. `around` selects that
/// message (or the next existing one) and as many on either side as make `limit`, with the
/// smaller half on the older side; if one side has too few, the other makes up for it. `before`
/// and `after` are bounds then.
struct message_range {
  room_id room;
  std::optional<sequence> before = std::nullopt;
  std::optional<sequence> after = std::nullopt;
  std::optional<sequence> up_to = std::nullopt;
  std::optional<sequence> around = std::nullopt;
  std::int64_t limit = 50;
  // Filters: only messages of this user, and created from (inclusive) until (exclusive) these
  // times.
  std::optional<std::string> user_id = std::nullopt;
  std::optional<timestamp> from = std::nullopt;
  std::optional<timestamp> until = std::nullopt;
};

/// A part of the orders in a room's log, in rising order of `rev`.
struct order_page {
  std::vector<room_order> orders;
  bool has_more = false;
};

/// The messages up to `up_to` that were edited or deleted by a change after `after`, ordered by
/// `rev`.
struct change_range {
  room_id room;
  sequence up_to;
  revision after;
  std::int64_t limit = 1000;
};

/// The person for whom rooms are listed and searched. Private rooms are visible to their owner
/// and to members who are not banned at the moment. The default is a person whom no room knows.
struct room_viewer {
  std::string user_id = {}; ///< empty: nobody
  timestamp now = {};
  bool sees_all = false; ///< sees the private rooms of others too
  /// Names of rooms, or patterns in which `*` stands for any run of characters; no other room
  /// is shown. Without a value every room may be shown.
  std::optional<std::vector<std::string>> patterns = std::nullopt;
};

/// A full-text search, which returns the best matches first. `text` is what a user typed: its
/// words must all occur (the last one may be the beginning of a word), "words in quotes" one
/// after the other; nothing in it is an operator, and nothing is refused. The beginning of a
/// word has at least three bytes. If very many messages match, the newest 10,000 of them are
/// ranked and the rest is left out. The caller has checked that one room may be read. A search
/// in all rooms covers those that the viewer sees, among the newest 100,000 matches. Matches in
/// the tail of the log (`store_writer::search_tail`) come first, the newest of them first.
struct search_query {
  std::optional<room_id> room = std::nullopt; ///< without a value: all rooms
  std::string text = {};
  std::optional<std::string> user_id = std::nullopt;
  std::int64_t offset = 0;
  std::int64_t limit = 20;
  room_viewer viewer = {};
};
struct search_hit {
  message found;
  std::string room_name;
  std::vector<snippet_part> snippet;
};
struct search_page {
  std::vector<search_hit> hits;
  bool has_more = false;
};

/// How far a user has read a room. `unread` counts other users' messages after the marker,
/// without tombstones, up to `max_unread`; it looks at ten times as many at most.
struct read_marker {
  room_id room;
  sequence seq; ///< 0: the user has marked nothing
  std::int64_t unread = 0;
};
inline constexpr std::int64_t max_unread = 1000;

/// What became of the membership of a recoverable session in a room. The stores' statements
/// return the numbers.
enum class membership_state : std::int64_t {
  valid,
  hidden, ///< lost, unless its user can see every room
  lost,   ///< by name, or since the room was closed
};
/// True if a session still has a room. With `sees_all` its user can see every room.
[[nodiscard]] constexpr bool is_valid(membership_state state, bool sees_all) {
  return state == membership_state::valid || (state == membership_state::hidden && sees_all);
}

/// The record of a recoverable session.
struct recoverable_session {
  std::array<std::uint8_t, 32> pid_hash{};
  std::string sid;
  std::string user_id; ///< empty: the session never entered a room
  std::string username;
  /// Not set before the end of the session; set at the latest when the store is opened.
  std::optional<timestamp> ended_at;
  std::vector<room_position> joined; ///< by room; each at the base of the membership
  std::vector<owed_gap> owed;        ///< by room: those that it joined, and others
  /// Those of `joined` that it has no more: its user lost them by name, or they were closed.
  std::vector<room_id> lost;
  /// Those of `joined` that it has no more unless its user can see every room.
  std::vector<room_id> hidden;
  /// How often it was claimed, in a store that several nodes write: it must be claimed before
  /// it is given back.
  std::optional<std::int64_t> claims = std::nullopt;
  /// How many milliseconds ago it ended, by the store's clock, if several nodes write the
  /// store, whose clocks may differ.
  std::optional<std::int64_t> ended_for_ms = std::nullopt;

  /// Returns how many milliseconds ago a session ended that has; `now` is this node's time.
  [[nodiscard]] std::int64_t ended_before_ms(timestamp now) const {
    return ended_for_ms ? *ended_for_ms : now.value - ended_at->value;
  }
  /// Notes what became of the last membership of `joined`.
  void note(membership_state state) {
    if (state == membership_state::lost) lost.push_back(joined.back().room);
    if (state == membership_state::hidden) hidden.push_back(joined.back().room);
  }
};

/// Reads a store. It sees everything that was committed before the call.
class HUBBUB_EXPORT store_reader {
 public:
  virtual ~store_reader() = default;
  [[nodiscard]] virtual expected<room_record, store_error> find_room(room_id id) = 0;
  [[nodiscard]] virtual expected<room_record, store_error> find_room(std::string_view name) = 0;
  /// Returns rooms that the viewer sees with an id above `after`, ordered by id, at most
  /// `limit`. `q` selects names that contain it, ASCII letters compared without case; empty:
  /// all.
  [[nodiscard]] virtual expected<std::vector<room_record>, store_error>
  list_rooms(room_id after, std::string_view q, std::int64_t limit,
             const room_viewer& viewer) = 0;
  /// Returns all standings of a room, including expired ones that were not purged yet. Empty if
  /// the room does not exist.
  [[nodiscard]] virtual expected<std::vector<standing>, store_error>
  read_standings(room_id room) = 0;
  /// Returns a user's standing in a room now, by its lists alone; the owner is in the room's
  /// record.
  [[nodiscard]] virtual expected<user_standing, store_error>
  standing_of(room_id room, std::string_view user_id, timestamp now) = 0;
  /// Reads a page of messages. Error: `no_such_room`.
  [[nodiscard]] virtual expected<message_page, store_error>
  read_messages(const message_range& range) = 0;
  [[nodiscard]] virtual expected<message_page, store_error>
  read_changes(const change_range& range) = 0;
  /// Returns the orders in a room's log after `after.rev` and up to `up_to`, at most `limit`. A
  /// store that only one node writes keeps none.
  [[nodiscard]] virtual expected<order_page, store_error>
  read_orders([[maybe_unused]] const room_position& after, [[maybe_unused]] revision up_to,
              [[maybe_unused]] std::int64_t limit) {
    return order_page{};
  }
  /// Returns the entries of a room's log after a position, at most `limit` messages and as many
  /// changes. Error: `no_such_room`.
  [[nodiscard]] virtual expected<log_part, store_error> read_log(const room_position& after,
                                                                 std::int64_t limit);
  /// Returns the ends of these rooms' logs; rooms that do not exist are left out.
  [[nodiscard]] virtual expected<std::vector<room_position>, store_error>
  read_heads(std::span<const room_id> rooms);
  /// Returns who is in a room on the other nodes that share the store, as they have told: each
  /// user once for each run of a node. What this node tells with its present lease is not among
  /// it. Empty in a store that only one node uses, since nobody tells it.
  [[nodiscard]] virtual expected<std::vector<foreign_member>, store_error>
  read_members([[maybe_unused]] room_id room) {
    return std::vector<foreign_member>{};
  }
  /// Returns how many users are in each of these rooms, as `read_members` knows them, in the
  /// order of `rooms`.
  [[nodiscard]] virtual expected<std::vector<std::int64_t>, store_error>
  count_members(std::span<const room_id> rooms) {
    return std::vector<std::int64_t>(rooms.size());
  }
  /// Returns the messages within the bounds of `range` (its filters are ignored) that this
  /// session sent and whose ack it was sent, in rising order, at most `limit`. Versions before
  /// schema 7 noted them; newer ones do not.
  [[nodiscard]] virtual expected<std::vector<sequence>, store_error>
  acked_messages(recovery_id session, const message_range& range) = 0;
  /// Searches the messages. Errors: `no_search`; `no_index` and `index_full` if the index is a
  /// file beside the database.
  [[nodiscard]] virtual expected<search_page, store_error>
  search(const search_query& query) = 0;
  /// Feeds a search index that is a file beside the database: a little of what was stored
  /// since, in some milliseconds. Returns true if more is left. It is called by the reader
  /// that searches, about once a second; a store without such an index does nothing.
  virtual bool feed_index() { return false; }
  [[nodiscard]] virtual index_state index() const { return {}; }
  /// Returns the markers in the order of `rooms`.
  [[nodiscard]] virtual expected<std::vector<read_marker>, store_error>
  read_markers(std::string_view user_id, std::span<const room_id> rooms) = 0;
  /// Returns false if the session left the room, never entered it, or has lost it. With
  /// `sees_all` its user can see every room, and has lost only what was lost by name.
  [[nodiscard]] virtual expected<bool, store_error> is_member(recovery_id session, room_id room,
                                                              bool sees_all) = 0;
  /// Returns the session; nothing if it is unknown or was forgotten. A session past its window
  /// is known until it is purged.
  [[nodiscard]] virtual expected<std::optional<recoverable_session>, store_error>
  find_recoverable(recovery_id session) = 0;
};

/// How long a room's messages are kept. The first rule whose pattern (`*` stands for any run of
/// characters) matches the room's name applies. 0 means no bound. A message is removed once all
/// older ones of its room are gone: none is taken out of the middle.
struct retention_rule {
  std::string room_pattern = "*";
  std::int64_t max_age_ms = 0;
  std::int64_t max_messages = 0;
};

enum class durability : std::uint8_t {
  full,   ///< an acked message survives loss of power (fsync at each commit)
  normal, ///< an acked message survives a crash of the process, but not loss of power
};

/// Receives the progress of a search index as it changes, on the writer's thread.
using search_watch = std::function<void(const search_progress&)>;

/// The length of the log of commits, and whether it is too long because a reader outside of the
/// server keeps it from restarting.
struct log_length {
  std::uint64_t bytes = 0;
  bool is_held = false;
};
/// Called when a log begins to be held and when that is over, on the writer's thread.
using log_watch = std::function<void(const log_length&)>;

/// What became of a search index in a file.
struct index_event {
  enum class what : std::uint8_t {
    begun,    ///< there was none for this database, so that it is built
    complete, ///< it is built
    unusable, ///< it could not be opened, read or written
    usable,   ///< that is over
  };
  what kind;
  std::string path;
  store_error why = store_error::io; ///< why it is unusable
};
/// Called on the thread of the reader that searches.
using index_watch = std::function<void(const index_event&)>;

/// The greatest number that a server among several may have.
inline constexpr std::int64_t max_node_id = 4095;

struct store_config {
  /// The path of a file, `:memory:`, or a PostgreSQL database: a URL (`postgres://…`) or
  /// keywords (`host=… dbname=…`) in libpq's form.
  std::string path = "hubbub.db";
  durability level = durability::full;
  /// How long a client_id is remembered, in milliseconds.
  std::int64_t dedupe_window_ms = 24 * 60 * 60 * 1000;
  /// How long after its end a session can be recovered, in milliseconds.
  std::int64_t recovery_window_ms = 2 * 60 * 1000;
  std::vector<retention_rule> retention = {};
  /// Maximum number of rooms; beyond it `create_room` fails. Rooms stay for ever, each about
  /// 200 bytes with its name and its indexes, so that this many take about 200 MB.
  std::int64_t max_rooms = 1'000'000;
  /// The number of this server among those that share a PostgreSQL database; 0: it is alone.
  std::int64_t node_id = 0;
  /// False for a server on PostgreSQL that keeps no search index and answers no searches.
  bool search = true;
  /// The file of the search index of a server on PostgreSQL. Empty: `hubbub-search.db` in the
  /// current folder, or if another server has it, `hubbub-search-2.db` and so on.
  std::string search_index = {};
  /// Called with the progress of the search; it is not a setting.
  search_watch on_search = {};
  log_watch on_log = {};
  index_watch on_index = {};
};

/// An opened store. It outlives its writer, its upkeep and its readers.
class store {
 public:
  virtual ~store() = default;
  /// Returns the writer. Call once.
  [[nodiscard]] virtual std::unique_ptr<store_writer> writer() = 0;
  /// Returns a reader with a connection of its own.
  [[nodiscard]] virtual std::unique_ptr<store_reader> reader() = 0;
  /// Returns the store's upkeep, with a connection of its own; null for a store that has none.
  [[nodiscard]] virtual std::unique_ptr<store_upkeep> upkeep() = 0;
  /// Returns random bytes that were made with the database and are kept in it, so that what is
  /// signed with them is still valid after a restart.
  [[nodiscard]] virtual const std::array<std::uint8_t, 16>& secret() const = 0;
  /// True for a store (in memory) whose readers may only be used on the writer's thread.
  [[nodiscard]] virtual bool single_threaded() const = 0;
  /// Returns the lease of this node, with a connection of its own; null for a store that has
  /// only one writer.
  [[nodiscard]] virtual std::unique_ptr<node_lease> lease() { return nullptr; }
  /// True if other servers may write to the same store.
  [[nodiscard]] virtual bool is_shared() const { return false; }
};

/// Versions of a schema: that of a database, and the one that this program needs.
struct schema_versions {
  std::int64_t there = 0; ///< 0: the database is empty, or does not exist
  std::int64_t needed = 0;
};
/// Looks at a database that a server may be using, and changes nothing. The error is one
/// sentence if this program cannot use it.
[[nodiscard]] expected<schema_versions, std::string> look_at_store(const store_config& config);

/// Opens the store, and creates or migrates it. The error is one sentence that says what to do.
[[nodiscard]] HUBBUB_EXPORT expected<std::unique_ptr<store>, std::string>
open_store(const store_config& config);

} // namespace hubbub
