#pragma once

#include "persistence/sqlite/sqlite_batch.hpp"
#include "persistence/sqlite/sqlite_handle.hpp"
#include "persistence/sqlite/sqlite_search_indexer.hpp"
#include "persistence/store.hpp"

#include <string>
#include <string_view>

namespace hubbub {

/// Edits messages and turns them into tombstones.
class sqlite_edits {
 public:
  sqlite_edits(const sqlite::database& db, sqlite_search_indexer& search);
  [[nodiscard]] sqlite::status prepare();

  [[nodiscard]] op_result apply(sqlite_batch& batch, const op::edit_message& op);
  [[nodiscard]] op_result apply(sqlite_batch& batch, const op::delete_message& op);

 private:
  /// Returns the message, or `no_such_room`, `no_such_message`, `not_the_author`.
  [[nodiscard]] expected<expected<message, store_error>, store_error>
  find(batch_room& room, room_id id, sequence seq, const std::string& user_id);
  /// Stores `now` in place of the message whose content was `content`.
  [[nodiscard]] op_result store(batch_room& room, message now, std::string_view content);

  sqlite_search_indexer& search_;
  sqlite::statement find_;
  sqlite::statement change_;
};

} // namespace hubbub
