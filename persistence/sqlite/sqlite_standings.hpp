#pragma once

#include "persistence/sqlite/sqlite_batch.hpp"
#include "persistence/sqlite/sqlite_handle.hpp"
#include "persistence/sqlite/sqlite_losses.hpp"
#include "persistence/store.hpp"

#include <cstdint>
#include <string_view>
#include <vector>

namespace hubbub {

/// Changes the properties of rooms and their standings of users, and ends the memberships of
/// users who lose a room by that.
class sqlite_standing_writes {
 public:
  explicit sqlite_standing_writes(const sqlite::database& db);
  [[nodiscard]] sqlite::status prepare();
  [[nodiscard]] op_result apply(sqlite_batch& batch, const op::change_room& op);
  [[nodiscard]] op_result apply(sqlite_batch& batch, const op::set_standing& op);
  [[nodiscard]] op_result apply(sqlite_batch& batch, const op::drop_standing& op);
  [[nodiscard]] op_result apply(sqlite_batch& batch, const op::expel_user& op);
  /// Stores a standing; the room must exist.
  [[nodiscard]] sqlite::status put(room_id room, const standing& each);
  /// Removes at most `at_most` expired standings; returns how many it removed.
  [[nodiscard]] expected<std::int64_t, store_error> purge(timestamp now, std::int64_t at_most);

 private:
  sqlite_losses losses_;
  sqlite::statement change_;
  sqlite::statement set_;
  sqlite::statement drop_;
  sqlite::statement purge_;
};

/// Reads standings.
class sqlite_standing_queries {
 public:
  explicit sqlite_standing_queries(const sqlite::database& db);
  [[nodiscard]] expected<std::vector<standing>, store_error> read(room_id room);
  [[nodiscard]] expected<user_standing, store_error> of(room_id room, std::string_view user_id,
                                                        timestamp now);

 private:
  sqlite::statement all_;
  sqlite::statement one_;
};

} // namespace hubbub
