#pragma once

#include "persistence/sqlite/sqlite_handle.hpp"
#include "persistence/sqlite/sqlite_search_indexer.hpp"
#include "proto/model.hpp"

namespace hubbub {

/// By what else than their numbers messages are found: their words, and the blocks of their
/// users. Each `INSERT INTO messages` is followed by one `add`, in the same transaction. Blocks
/// that become empty have a trigger (see the schema).
class sqlite_message_index {
 public:
  sqlite_message_index(const sqlite::database& db, sqlite_search_indexer& search);
  [[nodiscard]] sqlite::status prepare() { return add_block_.prepare(); }

  [[nodiscard]] sqlite::status add(const message& fresh);

 private:
  sqlite_search_indexer& search_;
  sqlite::statement add_block_;
};

} // namespace hubbub
