#pragma once

#include "persistence/sqlite_handle.hpp"
#include "proto/model.hpp"

#include <cstdint>

namespace hubbub {

/// Adds new messages to the words of the search, in the transaction that inserts them. Each
/// `INSERT INTO messages` is followed by one `add`.
///
/// No trigger does it: SQLite opens a savepoint for every statement that has one, and FTS5
/// writes what it has gathered to disk at each. Added by a statement of its own, the words of a
/// whole batch are gathered and written once, at its commit. What changes or removes a message
/// does have triggers (see the schema).
class sqlite_search_index {
 public:
  explicit sqlite_search_index(const sqlite::database& db);
  [[nodiscard]] sqlite::status prepare() { return add_.prepare(); }

  [[nodiscard]] sqlite::status add(const message& fresh);

 private:
  sqlite::statement add_;
};

/// Keeps the pieces that the words lie in few. Every transaction leaves a new piece, and a
/// search looks into all of them. FTS5 would merge by itself, hundreds of pages now and then,
/// which one transaction had to wait for: so the writer has it merge a little with each, by
/// what was written.
class sqlite_search_merges {
 public:
  explicit sqlite_search_merges(const sqlite::database& db);
  [[nodiscard]] sqlite::status prepare() { return merge_.prepare(); }

  /// At the end of a transaction that added or removed the words of so many bytes of text.
  [[nodiscard]] sqlite::status step(std::int64_t bytes);

  /// For whoever merges in transactions of their own, a portion of about two milliseconds each:
  /// notes what a transaction changed, tells whether there is a portion to merge, merges it.
  void note(std::int64_t bytes);
  [[nodiscard]] bool is_due() const;
  [[nodiscard]] sqlite::status merge_portion();

 private:
  [[nodiscard]] sqlite::status merge(std::int64_t pages);

  sqlite::statement merge_;
  std::int64_t due_ = 0; ///< pages
};

} // namespace hubbub
