#pragma once

#include "persistence/sqlite/sqlite_handle.hpp"
#include "persistence/sqlite/sqlite_search_indexes.hpp"
#include "persistence/store.hpp"

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

namespace hubbub {

/// The parts of a message that a search index holds.
struct indexed_message {
  message_id id;
  room_id room;
  std::string_view user_id;
  std::string_view content;
};

/// How much is indexed in one transaction.
enum class index_pace : std::uint8_t {
  beside_others, ///< about two milliseconds of work, since a commit may wait for it
  alone,         ///< as much as FTS5 writes at once at little cost: nobody waits
};

/// The only writer of the search indexes. Each index follows the log by a cursor in the
/// database, the id of the last message that it took in: it holds the words of all messages up
/// to there, as they are now. So code that changes or removes a message must tell the indexer
/// within the same transaction. A message after a cursor needs nothing until the cursor gets
/// there.
///
/// A transaction that writes an index writes six pages, for one message as for ten. So the
/// index that answers takes in new messages at once only in a commit of many. A commit of few
/// leaves them to the *tail* of the log, the messages after the cursor, which `follow` takes in
/// later. Searches read the tail from the log (`sqlite_search_tail`). An index that is built
/// catches up in steps of care, and replaces the answering one in the step that brings it to
/// the end of the log.
///
/// Triggers are not used: SQLite opens a savepoint for every statement that has one, and FTS5
/// writes what it has gathered to disk at each savepoint. Added by statements of their own, the
/// words of a whole batch are gathered and written once, at its commit.
class sqlite_search_indexer {
 public:
  explicit sqlite_search_indexer(sqlite::database& db);
  sqlite_search_indexer(const sqlite_search_indexer&) = delete;
  sqlite_search_indexer& operator=(const sqlite_search_indexer&) = delete;
  ~sqlite_search_indexer();

  /// Looks up which indexes exist and prepares to write them.
  [[nodiscard]] sqlite::status prepare();

  // Calls within a transaction that changes messages.

  /// Begins a transaction and forgets the state of the previous one, however that ended. New
  /// messages are taken in at once.
  void start();
  /// Begins a commit with this many new messages. If they are few they stay in the tail, unless
  /// it has its greatest length.
  void start_commit(std::int64_t messages);
  /// Takes in a new message, after the tail, or leaves it there. The message is in the log.
  [[nodiscard]] sqlite::status add(const indexed_message& fresh);
  /// Updates the words of `before`, which holds the old content.
  [[nodiscard]] sqlite::status change(const indexed_message& before, std::string_view content);
  [[nodiscard]] sqlite::status remove(const indexed_message& gone);
  /// Stores the cursors, and merges a little of what commits have left.
  [[nodiscard]] sqlite::status finish_commit();
  /// Says that the transaction which `start_commit` began was committed.
  void on_committed();
  /// Stores the cursors; merging is left to steps of care.
  [[nodiscard]] sqlite::status finish_care();

  // The tail.

  /// Returns the length of the tail, or a little more if retention removed messages from it.
  [[nodiscard]] std::int64_t tail() const { return tail_; }
  /// Takes some of the tail into the answering index, in a transaction of its own. Returns true
  /// if more is left.
  [[nodiscard]] expected<bool, store_error> follow(index_pace pace = index_pace::beside_others);
  /// Takes all of it in within the transaction of the caller.
  [[nodiscard]] sqlite::status take_in_tail();

  // Steps of care. Each runs at most one transaction of its own, of about two milliseconds.

  /// Merges a portion of what steps of care have left, if there is one. Returns true if it did.
  [[nodiscard]] expected<bool, store_error> merge_step();
  /// True if there is an index to build, to complete or to remove.
  [[nodiscard]] bool has_work() const;
  /// Builds or removes a little. Returns true if more may be left. An index is built only if
  /// the disk has space for the rest of it, and some more; until it has, the step does nothing.
  [[nodiscard]] expected<bool, store_error> step(std::uint64_t free_bytes);
  [[nodiscard]] const search_progress& progress() const { return progress_; }

 private:
  struct target; ///< the state of one index that is written

  [[nodiscard]] expected<message_id, store_error> read_cursor(std::string_view name);
  /// Returns the id of the newest message that there ever was.
  [[nodiscard]] expected<message_id, store_error> last_message();
  /// Returns the cursor as of this transaction.
  [[nodiscard]] expected<message_id, store_error> cursor_of(target& which);
  [[nodiscard]] expected<std::int64_t, store_error> bytes_to_build(std::int64_t behind);
  /// Measures how far the index that is being built lags behind.
  [[nodiscard]] sqlite::status measure();
  [[nodiscard]] target* building();
  [[nodiscard]] target* answering();
  /// Computes the length of the tail from the counters.
  [[nodiscard]] sqlite::status measure_tail();
  [[nodiscard]] expected<bool, store_error> build_step(target& built, std::uint64_t free_bytes);
  /// Takes in messages after the cursor, until there are no more of them (true) or these bounds
  /// are reached.
  struct bounds {
    std::int64_t messages;
    std::int64_t bytes;
  };
  static constexpr bounds small_step{200, 40'000};
  static constexpr bounds large_step{5'000, 1'000'000};
  [[nodiscard]] expected<bool, store_error> take_in(target& to, const bounds& at_most);
  /// Takes in some messages; true once it has reached the end of the log.
  [[nodiscard]] expected<bool, store_error> take_in_some(target& to, const bounds& at_most);
  [[nodiscard]] sqlite::status store_cursors();
  /// Fills in the facts of a block of messages that were indexed by an earlier version. Returns
  /// true if it did.
  [[nodiscard]] expected<bool, store_error> fill_step();

  sqlite::database& db_;
  std::vector<std::unique_ptr<target>> targets_;
  std::vector<search_index> leaving_;
  search_progress progress_;
  std::int64_t tail_ = 0;     ///< as of the last commit
  bool at_once_ = true;       ///< the current transaction takes in its new messages
  bool took_in_tail_ = false; ///< the current transaction took in new messages
  /// New messages of the current transaction that stay in the tail.
  std::int64_t left_ = 0;
  sqlite::statement read_counter_;
  sqlite::statement write_counter_;
  sqlite::statement last_id_;
  sqlite::statement log_;
};

} // namespace hubbub
