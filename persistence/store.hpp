#pragma once

#include "proto/access/standing.hpp"
#include "proto/expected.hpp"
#include "proto/model.hpp"

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

/// Where messages are kept. Synchronous and single-threaded: one writer is used by one thread,
/// a reader by one thread. Implemented by SQLite (`sqlite_store.hpp`), in a file or in
/// memory, and by PostgreSQL (`pg_store.hpp`); the tests named `tests/persistence/store_*` are
/// what every store must pass.
namespace hubbub {

enum class store_error : std::uint8_t {
  full,    ///< the disk or the quota is full
  io,      ///< reading or writing failed, or the database is read-only
  corrupt, ///< the database is damaged
  no_such_room,
  already_exists,  ///< a room of this name
  not_repeated,    ///< see `append_message::only_if_repeated`
  no_such_message, ///< never there, deleted, or removed by retention
  not_the_author,
  session_over,   ///< see `enter_recoverable`
  too_many_rooms, ///< see `store_config::max_rooms`
  busy,           ///< it was not asked: too much waits for it
  no_search,      ///< messages in this store cannot be searched
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

/// Changes what one's own message says; takes the room's next `rev`. `no_such_room`,
/// `no_such_message`, `not_the_author`. Where it says so already nothing changes and the
/// outcome is `repeated`.
struct edit_message {
  room_id room;
  sequence seq;
  std::string user_id;
  std::string content;
};

/// Leaves a tombstone: the row keeps its numbers, its content and its text in the search are
/// gone. Takes the room's next `rev`. `no_such_room`, `no_such_message`, `not_the_author`; a
/// second time nothing changes and the outcome is the tombstone, `repeated`.
struct delete_message {
  room_id room;
  sequence seq;
  std::string user_id;
};

/// The user has read the room up to `seq`. A marker never goes back, nor past the last message.
/// `no_such_room`.
struct mark_read {
  room_id room;
  std::string user_id;
  sequence seq;
};

/// A recoverable session enters a room, or enters it again: its record is written with the
/// first of these. The outcome is where the room's log stands at this op. `session_over` if its
/// end came first.
///
/// The membership that this creates has its base there, or at `since`, and keeps it until the
/// session has left the room: what is said behind it was said to a member. Entering again
/// proves nothing of what the session has heard, and changes nothing.
struct enter_recoverable {
  recovery_id session;
  std::array<std::uint8_t, 32> pid_hash{}; ///< SHA-256 of its private id
  std::string sid;                         ///< its Socket.IO sid
  std::string user_id;
  std::string username;
  room_id room;
  /// What the join asks for begins behind this message, which may lie beyond the end of the
  /// log.
  std::optional<sequence> since = std::nullopt;
  /// With a new membership: the session is owed a gap from here to the base, like those of
  /// `owe_gaps`.
  std::optional<sequence> gap_from = std::nullopt;
};
/// It left the room, which it will not get back.
struct leave_recoverable {
  recovery_id session;
  room_id room;
};
/// Its connection ended: the recovery window begins. With `forget` there is nothing to recover.
struct end_recoverable {
  recovery_id session;
  bool forget = false;
};
/// It was recovered: it lives again.
struct resume_recoverable {
  recovery_id session;
};
/// A room of which a recoverable session has yet to hear that it misses something.
struct owed_gap {
  room_id room;
  sequence from; ///< the first message that is missing
  friend bool operator==(const owed_gap&, const owed_gap&) = default;
};
/// A recoverable session begins in the place of one that could not be given back: it is owed
/// gaps by the rooms of the other. Each is kept until the session leaves the room that it
/// concerns, or is forgotten.
struct owe_gaps {
  recovery_id session;
  std::array<std::uint8_t, 32> pid_hash{}; ///< SHA-256 of its private id
  std::string sid;                         ///< its Socket.IO sid
  std::vector<owed_gap> gaps;
};

/// Creates a room; `already_exists` if the name is taken (compared byte by byte),
/// `too_many_rooms` if there are as many as there may be.
struct create_room {
  std::string name;
  std::optional<std::string> owner = std::nullopt;
  bool is_private = false;
};
/// Changes what is given. `no_such_room`. The outcome is the record.
struct change_room {
  room_id room;
  std::optional<bool> is_private = std::nullopt;
  std::optional<std::string> owner = std::nullopt;
};

/// Puts a user on one of the room's lists, or says anew for how long and why. `no_such_room`.
/// The outcome is the `standing`.
struct set_standing {
  room_id room;
  standing_kind kind = standing_kind::member;
  std::string user_id;
  std::string by;
  std::optional<timestamp> until = std::nullopt;
  std::string reason = {};
};
/// Takes a user off a list; no error where they were not on it.
struct drop_standing {
  room_id room;
  standing_kind kind = standing_kind::member;
  std::string user_id;
};
/// None of the user's recoverable sessions gets the room back, and one that has ended and had
/// it is forgotten as a whole: its client was told nothing. The outcome is which had it.
struct expel_user {
  room_id room;
  std::string user_id;
};

using write_op =
    std::variant<append_message, create_room, edit_message, delete_message, mark_read,
                 enter_recoverable, leave_recoverable, end_recoverable, resume_recoverable,
                 owe_gaps, change_room, set_standing, drop_standing, expel_user>;

struct appended {
  message stored;
  bool repeated = false;
};
/// Of `edit_message` and `delete_message`.
struct changed {
  message now;
  bool repeated = false;
};
/// Of `mark_read`: where the marker stands.
struct marked {
  sequence seq;
};
/// Of `expel_user`.
struct expelled {
  std::vector<recovery_id> sessions;
};
/// Of what is only remembered.
struct noted {};
using write_outcome = std::variant<appended, room_record, changed, marked, room_position,
                                   standing, expelled, noted, store_error>;

/// How far the making of a new search index has come; until it is done an old one answers.
struct search_progress {
  bool building = false;
  std::int64_t behind = 0;    ///< messages that it has yet to take in, of
  std::int64_t of = 0;        ///< so many
  bool disk_too_full = false; ///< it waits for space
};

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
  /// Removes some of what is due: messages by the rules of retention, dedupe records and
  /// recoverable sessions older than their windows, standings that have run out; or takes care
  /// of the search. In one transaction of at most a few milliseconds. Returns true if more may
  /// be left.
  virtual bool purge(timestamp now) = 0;
  /// Tells how far the search has come that `purge` builds anew, a little at each call, where
  /// the program cuts words by other rules than those that the index was made by.
  [[nodiscard]] virtual search_progress searching() const { return {}; }
  /// A reader met damage: from here on nothing is written and every op fails with `corrupt`. A
  /// writer that meets it itself does the same.
  virtual void stop_writing() = 0;
  /// The bytes of the log of what was committed; 0 where there is none.
  [[nodiscard]] virtual std::uint64_t log_bytes() const { return 0; }
  /// Has upkeep done; see `leave_upkeep`.
  using upkeep_start = std::function<void(bool urgent)>;
  /// Leaves the store's upkeep to somebody else: from here on `commit` and `purge` do none by
  /// themselves. They call `start` when some is due, upon which `store_upkeep::run` and then
  /// `on_upkeep_done` are to be called. With `urgent` nothing is to be committed before that:
  /// more upkeep falls due than is done. Null: the writer does it again. A store without upkeep
  /// never calls it.
  virtual void leave_upkeep([[maybe_unused]] const upkeep_start& start) {}
  /// Tells the writer that the upkeep it asked for is done. Once for each call of `start`.
  virtual void on_upkeep_done() {}
};

/// Work that a store has to do for itself and its writer need not wait for. Belongs to a thread
/// of its own.
class store_upkeep {
 public:
  virtual ~store_upkeep() = default;
  /// Does what is due. A failure is no news: what was not done is left for the next call.
  virtual void run() = 0;
};

/// Part of a room's log, rising in `seq`.
struct message_page {
  std::vector<message> messages;
  /// There are more messages in the direction walked, within the bounds and the filters asked
  /// for. Around a message: newer ones.
  bool has_more = false;
  /// Around a message: there are older ones too.
  bool has_more_before = false;
};

/// `before` and `after` are exclusive. Neither: the newest `limit`; `before` alone: the newest
/// before it; `after`, or both: from its start. `up_to` (inclusive) hides what is newer.
/// `around`: that message (or the next one there is) and as many on either side as make
/// `limit`, the older side having the smaller half; what one side lacks the other makes up for.
/// The others are bounds then.
struct message_range {
  room_id room;
  std::optional<sequence> before = std::nullopt;
  std::optional<sequence> after = std::nullopt;
  std::optional<sequence> up_to = std::nullopt;
  std::optional<sequence> around = std::nullopt;
  std::int64_t limit = 50;
  // Only messages of this user, and created from (inclusive) until (exclusive) these times.
  std::optional<std::string> user_id = std::nullopt;
  std::optional<timestamp> from = std::nullopt;
  std::optional<timestamp> until = std::nullopt;
};

/// Messages up to `up_to` that were edited or deleted by a change after `after`, by `rev`.
struct change_range {
  room_id room;
  sequence up_to;
  revision after;
  std::int64_t limit = 1000;
};

/// For whom rooms are listed and searched: private ones are there for their owner and for the
/// members who are not banned at the moment. By default for somebody whom no room knows.
struct room_viewer {
  std::string user_id = {}; ///< empty: nobody's
  timestamp now = {};
  bool sees_all = false; ///< private rooms of others too
  /// Names of rooms, or patterns in which `*` stands for any run of characters: no other room
  /// is shown. None: every one may be.
  std::optional<std::vector<std::string>> patterns = std::nullopt;
};

/// Full-text search, the best matches first. `text` is what a user typed: its words must all
/// occur (the last one may be the beginning of a word), "words in quotes" one after the other;
/// nothing in it is an operator, nothing is refused. The beginning of a word has at least three
/// bytes. Where very many messages match, the newest 10,000 of them are ranked and the rest
/// left out. Whoever asks for one room may read it; of all rooms those are searched that the
/// viewer sees, among the newest 100,000 matches.
struct search_query {
  std::optional<room_id> room; ///< none: all rooms
  std::string text;
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

/// Where a user stands in a room. `unread` counts other users' messages behind the marker,
/// tombstones left out, up to `max_unread`; it looks at ten times as many at most.
struct read_marker {
  room_id room;
  sequence seq; ///< 0: nothing was marked
  std::int64_t unread = 0;
};
inline constexpr std::int64_t max_unread = 1000;

/// What is known of a recoverable session.
struct recoverable_session {
  std::array<std::uint8_t, 32> pid_hash{};
  std::string sid;
  std::string user_id; ///< empty: it never entered a room
  std::string username;
  std::optional<timestamp> ended_at; ///< none: not yet; at the latest when the store is opened
  std::vector<room_position> joined; ///< by room; each at the base of the membership
  std::vector<owed_gap> owed;        ///< by room, of those that it joined and of others
};

/// Sees everything that was committed before the call.
class store_reader {
 public:
  virtual ~store_reader() = default;
  [[nodiscard]] virtual expected<room_record, store_error> find_room(room_id id) = 0;
  [[nodiscard]] virtual expected<room_record, store_error> find_room(std::string_view name) = 0;
  /// Rooms that the viewer sees with an id above `after`, by id, at most `limit`. `q`: only
  /// names that contain it, ASCII letters compared without case; empty: all.
  [[nodiscard]] virtual expected<std::vector<room_record>, store_error>
  list_rooms(room_id after, std::string_view q, std::int64_t limit,
             const room_viewer& viewer) = 0;
  /// Everything the room holds about users, also what has run out and was not purged yet. Empty
  /// where there is no room.
  [[nodiscard]] virtual expected<std::vector<standing>, store_error>
  read_standings(room_id room) = 0;
  /// How a user stands in a room now, by its lists alone: the owner stands in the record.
  [[nodiscard]] virtual expected<user_standing, store_error>
  standing_of(room_id room, std::string_view user_id, timestamp now) = 0;
  /// `no_such_room` where there is none.
  [[nodiscard]] virtual expected<message_page, store_error>
  read_messages(const message_range& range) = 0;
  [[nodiscard]] virtual expected<message_page, store_error>
  read_changes(const change_range& range) = 0;
  /// The messages within the bounds of `range` (its filters do not count) that this session
  /// sent and was sent the ack of, as versions before schema 7 noted it, rising, at most
  /// `limit`. Nothing is noted any more.
  [[nodiscard]] virtual expected<std::vector<sequence>, store_error>
  acked_messages(recovery_id session, const message_range& range) = 0;
  [[nodiscard]] virtual expected<search_page, store_error>
  search(const search_query& query) = 0;
  /// In the order of `rooms`.
  [[nodiscard]] virtual expected<std::vector<read_marker>, store_error>
  read_markers(std::string_view user_id, std::span<const room_id> rooms) = 0;
  /// None where it is not known, any more or at all; one past its window is known until it is
  /// purged.
  [[nodiscard]] virtual expected<std::optional<recoverable_session>, store_error>
  find_recoverable(recovery_id session) = 0;
};

/// How long a room's messages are kept: the first rule whose pattern (`*` stands for any run of
/// characters) matches the room's name holds. 0: without bound. A message goes when all older
/// ones of its room are gone: none is taken out of the middle.
struct retention_rule {
  std::string room_pattern = "*";
  std::int64_t max_age_ms = 0;
  std::int64_t max_messages = 0;
};

enum class durability : std::uint8_t {
  full,   ///< an acked message survives loss of power (fsync at each commit)
  normal, ///< … the death of the process
};

/// Hears when a search index begins to be built, waits for space on the disk, goes on and is
/// done, on the writer's thread.
using search_watch = std::function<void(const search_progress&)>;

/// How long the log of what was committed is, and whether it is too long because somebody
/// outside of the server keeps it from beginning again.
struct log_length {
  std::uint64_t bytes = 0;
  bool is_held = false;
};
/// Hears when a log begins to be held and when that is over, on the writer's thread.
using log_watch = std::function<void(const log_length&)>;

struct store_config {
  /// A file, `:memory:`, or a database of PostgreSQL: a URL (`postgres://…`) or keywords
  /// (`host=… dbname=…`) as libpq knows them.
  std::string path = "hubbub.db";
  durability level = durability::full;
  /// How long a client_id is remembered, in milliseconds.
  std::int64_t dedupe_window_ms = 24 * 60 * 60 * 1000;
  /// How long after its end a session can be recovered, in milliseconds.
  std::int64_t recovery_window_ms = 2 * 60 * 1000;
  std::vector<retention_rule> retention = {};
  /// Past it `create_room` fails: rooms stay for ever, each some 200 bytes with its name and
  /// its indexes, so that these are some 200 MB.
  std::int64_t max_rooms = 1'000'000;
  /// Not a setting.
  search_watch on_search = {};
  log_watch on_log = {};
};

/// An opened store. Outlives its writer, its upkeep and its readers.
class store {
 public:
  virtual ~store() = default;
  /// Call once.
  [[nodiscard]] virtual std::unique_ptr<store_writer> writer() = 0;
  /// A reader with a connection of its own.
  [[nodiscard]] virtual std::unique_ptr<store_reader> reader() = 0;
  /// Its upkeep, with a connection of its own; null for a store that has none.
  [[nodiscard]] virtual std::unique_ptr<store_upkeep> upkeep() = 0;
  /// Random, made with the database and kept in it: what is signed with it is still known after
  /// a restart.
  [[nodiscard]] virtual const std::array<std::uint8_t, 16>& secret() const = 0;
  /// True for a store whose readers may only be used on the writer's thread (memory).
  [[nodiscard]] virtual bool single_threaded() const = 0;
};

/// Opens the store, creating or migrating it. The error is one sentence that says what to do.
[[nodiscard]] expected<std::unique_ptr<store>, std::string>
open_store(const store_config& config);

} // namespace hubbub
