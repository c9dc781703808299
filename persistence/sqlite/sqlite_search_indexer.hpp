#pragma once

#include "persistence/sqlite/sqlite_handle.hpp"
#include "persistence/sqlite/sqlite_search_indexes.hpp"
#include "persistence/store.hpp"

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

namespace hubbub {

/// What a search index holds of a message.
struct indexed_message {
  message_id id;
  room_id room;
  std::string_view user_id;
  std::string_view content;
};

/// The only writer of the search indexes. Each follows the log by a cursor in the database, the
/// id of the last message that it took in: it holds the words of all messages up to there, as
/// they are now. So whoever changes or removes a message tells the indexer within the same
/// transaction, and what lies behind a cursor is nobody's concern until the cursor gets there.
///
/// An index whose cursor stands at the end takes in a new message at once (`add`). One that is
/// behind catches up in steps of care; one that was built takes the place of the one that
/// answers in the step that brings it to the end of the log.
///
/// No trigger does it: SQLite opens a savepoint for every statement that has one, and FTS5
/// writes what it has gathered to disk at each. Added by statements of their own, the words of
/// a whole batch are gathered and written once, at its commit.
class sqlite_search_indexer {
 public:
  explicit sqlite_search_indexer(sqlite::database& db);
  sqlite_search_indexer(const sqlite_search_indexer&) = delete;
  sqlite_search_indexer& operator=(const sqlite_search_indexer&) = delete;
  ~sqlite_search_indexer();

  /// Looks up which indexes there are and prepares to write them.
  [[nodiscard]] sqlite::status prepare();

  // Within a transaction of whoever changes messages.

  /// Forgets the transaction before, whatever became of it.
  void start();
  [[nodiscard]] sqlite::status add(const indexed_message& fresh);
  /// `before` with the content that it had.
  [[nodiscard]] sqlite::status change(const indexed_message& before, std::string_view content);
  [[nodiscard]] sqlite::status remove(const indexed_message& gone);
  /// Takes in a message of a copy of a whole database, whose messages come in another order
  /// than that of their ids. The cursors follow when all are there (`finish_copy`).
  [[nodiscard]] sqlite::status add_copied(const indexed_message& each);
  /// Every message up to this id was taken in.
  [[nodiscard]] sqlite::status finish_copy(message_id last);
  /// Stores the cursors, and merges a little of what commits have left.
  [[nodiscard]] sqlite::status finish_commit();
  /// Stores the cursors; what there is to merge is left to steps of care.
  [[nodiscard]] sqlite::status finish_care();

  // Steps of care, each at most a transaction of some two milliseconds of its own.

  /// Merges a portion of what steps of care have left, if there is one. True: it did.
  [[nodiscard]] expected<bool, store_error> merge_step();
  /// There is an index to build or to remove.
  [[nodiscard]] bool has_work() const;
  /// Builds or removes a little. True: more may be left. An index is built only where the disk
  /// has room for what is left of it, and some more; until it has, the step does nothing.
  [[nodiscard]] expected<bool, store_error> step(std::uint64_t free_bytes);
  [[nodiscard]] const search_progress& progress() const { return progress_; }

 private:
  struct target; ///< an index that is written

  [[nodiscard]] expected<message_id, store_error> read_cursor(std::string_view name);
  /// As of this transaction.
  [[nodiscard]] expected<message_id, store_error> cursor_of(target& which);
  [[nodiscard]] expected<std::int64_t, store_error> bytes_to_build(std::int64_t behind);
  /// How far the index in the making is behind.
  [[nodiscard]] sqlite::status measure();
  [[nodiscard]] target* building();
  [[nodiscard]] expected<bool, store_error> build_step(target& built, std::uint64_t free_bytes);
  /// True: it has reached the end of the log.
  [[nodiscard]] expected<bool, store_error> take_in_some(target& built);
  [[nodiscard]] sqlite::status store_cursors();

  sqlite::database& db_;
  std::vector<std::unique_ptr<target>> targets_;
  std::vector<search_index> leaving_;
  search_progress progress_;
  sqlite::statement read_counter_;
  sqlite::statement write_counter_;
  sqlite::statement log_;
};

} // namespace hubbub
