#pragma once

#include "persistence/sqlite/sqlite_handle.hpp"
#include "persistence/sqlite/sqlite_search_facts.hpp"
#include "persistence/sqlite/sqlite_search_merges.hpp"
#include "proto/expected.hpp"
#include "proto/ids.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace hubbub {

/// A message as a search index holds it; a deleted one has no content.
struct indexed_entry {
  message_id id;
  room_id room;
  sequence seq;
  revision rev;
  std::string user_id;
  std::string content;
};

/// How far an index has followed a log whose entries are numbered by the transaction that wrote
/// them: it holds all entries of the transactions below `next`, except for those that were
/// still running when it passed them, and the entries of `next` itself up to the id `taken`.
struct log_cursor {
  struct transaction {
    std::int64_t number = 0;
    std::int64_t taken = 0; ///< greatest id of its entries that the index has; 0: none
    friend bool operator==(const transaction&, const transaction&) = default;
  };
  transaction next;
  std::vector<transaction> running; ///< all below `next`, in rising order
  /// Number of times the index was written. A writer that meets another number than it read has
  /// been overtaken by another connection.
  std::int64_t step = 0;
};

/// A full-text index in a SQLite file of its own. It is disposable: whatever becomes of the
/// file, it can be built again from the log that it follows. It holds the messages' text as
/// well, which FTS5 needs to take words out again, and the cursor up to which it has followed
/// the log; both change in the same transaction.
///
/// Several connections may use one file; see `log_cursor::step`.
class index_file {
 public:
  /// Opens the index of the database `origin`, which is any text that no other database has. An
  /// index of another database, by another tokenizer or of another version, and a damaged one,
  /// is removed and a new one is begun.
  [[nodiscard]] static expected<std::unique_ptr<index_file>, store_error>
  open(const std::string& path, const std::string& origin);
  /// Removes the file and what SQLite keeps beside it.
  static void remove(const std::string& path);
  /// Refuses a path at which there is something else than an index. The error is one sentence.
  [[nodiscard]] static expected<void, std::string> check_path(const std::string& path);

  index_file(const index_file&) = delete;
  index_file& operator=(const index_file&) = delete;

  /// True if this call of `open` began a new index.
  [[nodiscard]] bool is_new() const { return is_new_; }
  /// Returns the connection, for queries.
  [[nodiscard]] sqlite::database& connection() { return db_; }
  /// The index has one table of words, so its facts have one number.
  static constexpr std::int64_t facts_generation = 0;
  [[nodiscard]] expected<log_cursor, store_error> cursor();
  /// Returns the transaction up to which removals were followed.
  [[nodiscard]] expected<std::int64_t, store_error> removals_cursor();

  /// One transaction: it is rolled back at the end of its scope unless it was committed.
  class change {
   public:
    explicit change(index_file& file) : file_(file), transaction_(file.db_) {
      file_.facts_.start();
    }
    [[nodiscard]] sqlite::status begin() { return transaction_.begin(); }
    /// Adds a message, or replaces it.
    [[nodiscard]] sqlite::status put(const indexed_entry& entry);
    /// Removes some messages of a room below `first`, at most `limit`; returns how many.
    [[nodiscard]] expected<std::int64_t, store_error> remove_below(room_id room, sequence first,
                                                                   std::int64_t limit);
    /// Stores the cursor and commits. Returns false, and nothing is kept, if another connection
    /// has written the index since the cursor was read.
    [[nodiscard]] expected<bool, store_error> commit(const log_cursor& now);
    /// Stores how far removals were followed, and commits.
    [[nodiscard]] sqlite::status commit_removals(std::int64_t cursor);

   private:
    [[nodiscard]] sqlite::status take_out(message_id id, room_id room,
                                          const std::string& user_id,
                                          const std::string& content);

    index_file& file_;
    sqlite::transaction transaction_;
    std::int64_t bytes_ = 0; ///< of text whose words were added or taken out
  };

 private:
  explicit index_file(sqlite::database opened);

  enum class fit : std::uint8_t { good, empty, other };
  [[nodiscard]] static expected<fit, store_error> fit_of(sqlite::database& db,
                                                         const std::string& origin);
  /// Opens the file and creates an index in an empty one; `is_other` is set if it has to be
  /// removed first.
  [[nodiscard]] static expected<std::unique_ptr<index_file>, store_error>
  try_open(const std::string& path, const std::string& origin, bool& is_other);

  sqlite::database db_;
  bool is_new_ = false;
  sqlite_search_merges merges_;
  search_facts_writer facts_;
  sqlite::statement read_progress_;
  sqlite::statement read_running_;
  sqlite::statement write_progress_;
  sqlite::statement forget_running_;
  sqlite::statement add_running_;
  sqlite::statement write_removals_;
  sqlite::statement find_entry_;
  sqlite::statement find_below_;
  sqlite::statement put_entry_;
  sqlite::statement drop_entry_;
  sqlite::statement add_words_;
  sqlite::statement take_words_;
};

} // namespace hubbub
