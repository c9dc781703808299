#pragma once

#include "persistence/sqlite/sqlite_batch.hpp"
#include "persistence/sqlite/sqlite_handle.hpp"
#include "persistence/store.hpp"

#include <span>
#include <string_view>
#include <vector>

namespace hubbub {

/// Moves read markers.
class sqlite_marker_writes {
 public:
  explicit sqlite_marker_writes(const sqlite::database& db);
  [[nodiscard]] sqlite::status prepare();
  [[nodiscard]] op_result apply(sqlite_batch& batch, const op::mark_read& op);

 private:
  sqlite::statement mark_;
};

/// Reads read markers and counts unread messages.
class sqlite_marker_queries {
 public:
  explicit sqlite_marker_queries(const sqlite::database& db);
  [[nodiscard]] expected<std::vector<read_marker>, store_error>
  read(std::string_view user_id, std::span<const room_id> rooms);

 private:
  [[nodiscard]] expected<read_marker, store_error> read(std::string_view user_id, room_id room);

  sqlite::statement find_;
  sqlite::statement count_;
};

} // namespace hubbub
