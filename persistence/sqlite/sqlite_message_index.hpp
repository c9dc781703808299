#pragma once

#include "persistence/sqlite/sqlite_handle.hpp"
#include "proto/model.hpp"

namespace hubbub {

/// By what else than their numbers messages are found: their words, and the blocks of their
/// users. Each `INSERT INTO messages` is followed by one `add`, in the same transaction.
///
/// No trigger does it: SQLite opens a savepoint for every statement that has one, and FTS5
/// writes what it has gathered to disk at each. Added by a statement of its own, the words of a
/// whole batch are gathered and written once, at its commit. What changes or removes a message
/// does have triggers (see the schema).
class sqlite_message_index {
 public:
  explicit sqlite_message_index(const sqlite::database& db);
  [[nodiscard]] sqlite::status prepare() { return prepare_all(add_words_, add_block_); }

  [[nodiscard]] sqlite::status add(const message& fresh);

 private:
  sqlite::statement add_words_;
  sqlite::statement add_block_;
};

} // namespace hubbub
