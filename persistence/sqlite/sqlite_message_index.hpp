#pragma once

#include "persistence/sqlite/sqlite_handle.hpp"
#include "persistence/sqlite/sqlite_search_indexer.hpp"
#include "proto/model.hpp"

namespace hubbub {

/// Keeps the indexes by which messages are found besides their numbers: their words, and the
/// blocks of their users. Each `INSERT INTO messages` is followed by one `add`, in the same
/// transaction. A trigger removes blocks that become empty (see the schema).
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
