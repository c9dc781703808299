#pragma once

#include "persistence/sqlite/sqlite_batch.hpp"
#include "persistence/sqlite/sqlite_handle.hpp"
#include "persistence/sqlite/sqlite_message_index.hpp"
#include "persistence/store.hpp"

#include <cstdint>

namespace hubbub {

/// Appends messages, each `client_id` once within the dedupe window.
class sqlite_appends {
 public:
  sqlite_appends(const sqlite::database& db, std::int64_t dedupe_window_ms,
                 sqlite_search_indexer& search);
  [[nodiscard]] sqlite::status prepare();

  [[nodiscard]] op_result apply(sqlite_batch& batch, const op::append_message& op);
  /// Removes some dedupe records past their window, and dates back some that lie ahead of the
  /// clock. Returns how many; of both kinds, the number of the one that had more.
  [[nodiscard]] expected<std::int64_t, store_error> purge(timestamp now, std::int64_t at_most);

 private:
  [[nodiscard]] op_result insert(sqlite_batch& batch, batch_room& room,
                                 const op::append_message& op);
  [[nodiscard]] op_result first_of(const op::append_message& op, timestamp now);
  [[nodiscard]] op_result repeated_only(const op::append_message& op, timestamp now);
  /// Records the client_id, unless it is recorded already and within the window. Returns false
  /// if the message is a repeat.
  [[nodiscard]] expected<bool, store_error> reserve(const message& fresh);
  [[nodiscard]] timestamp oldest_remembered(timestamp now) const;

  std::int64_t dedupe_window_ms_;
  sqlite::statement insert_;
  sqlite_message_index index_;
  sqlite::statement reserve_;
  sqlite::statement find_first_;
  sqlite::statement purge_;
  sqlite::statement date_back_;
};

} // namespace hubbub
