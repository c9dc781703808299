#pragma once

#include "persistence/sqlite/sqlite_batch.hpp"
#include "persistence/sqlite/sqlite_handle.hpp"
#include "persistence/store.hpp"

#include <cstdint>
#include <optional>

namespace hubbub {

/// Writes what a recoverable session may get back.
class sqlite_recovery_writes {
 public:
  sqlite_recovery_writes(const sqlite::database& db, std::int64_t recovery_window_ms);
  [[nodiscard]] sqlite::status prepare();

  /// Ends every session that has not ended, since their connections died with the server.
  [[nodiscard]] sqlite::status end_all(timestamp now);
  [[nodiscard]] op_result apply(sqlite_batch& batch, const op::enter_recoverable& op);
  [[nodiscard]] op_result apply(sqlite_batch& batch, const op::leave_recoverable& op);
  [[nodiscard]] op_result apply(sqlite_batch& batch, const op::end_recoverable& op);
  [[nodiscard]] op_result apply(sqlite_batch& batch, const op::resume_recoverable& op);
  [[nodiscard]] op_result apply(sqlite_batch& batch, const op::owe_gaps& op);
  /// Removes some sessions past their window, and dates back some ends that lie ahead of the
  /// clock. Returns how many; of both kinds, the number of the one that had more.
  [[nodiscard]] expected<std::int64_t, store_error> purge(timestamp now, std::int64_t at_most);

 private:
  std::int64_t recovery_window_ms_;
  sqlite::statement end_all_;
  sqlite::statement record_;
  sqlite::statement enter_;
  sqlite::statement leave_;
  sqlite::statement end_;
  sqlite::statement resume_;
  sqlite::statement forget_;
  sqlite::statement forget_rooms_;
  sqlite::statement begin_owing_;
  sqlite::statement owe_;
  sqlite::statement purge_;
  sqlite::statement date_back_;
};

/// Reads what a recoverable session may get back.
class sqlite_recovery_queries {
 public:
  explicit sqlite_recovery_queries(const sqlite::database& db);
  [[nodiscard]] expected<std::optional<recoverable_session>, store_error>
  find(recovery_id session);
  [[nodiscard]] expected<bool, store_error> is_member(recovery_id session, room_id room,
                                                      bool sees_all);

 private:
  sqlite::statement find_;
  sqlite::statement rooms_;
  sqlite::statement owed_;
  sqlite::statement membership_;
};

} // namespace hubbub
