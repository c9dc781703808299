#pragma once

#include "persistence/page_window.hpp"
#include "persistence/sqlite/sqlite_handle.hpp"
#include "persistence/store.hpp"

#include <cstdint>
#include <vector>

namespace hubbub {

/// Reads a room's log in pages. The caller holds the snapshot.
class sqlite_page_queries {
 public:
  explicit sqlite_page_queries(const sqlite::database& db);

  [[nodiscard]] expected<message_page, store_error> read(const message_range& range);
  [[nodiscard]] expected<message_page, store_error> read_changes(const change_range& range);
  [[nodiscard]] expected<std::vector<sequence>, store_error> acked(recovery_id session,
                                                                   const message_range& range);

 private:
  /// Reads one walk; the messages are in its order.
  [[nodiscard]] expected<message_page, store_error> walk(const message_range& range,
                                                         const page_window& part);
  [[nodiscard]] expected<message_page, store_error> read_around(const message_range& range,
                                                                const page_window& whole);
  /// Narrows the window to the times asked for, as far as that is cheap.
  [[nodiscard]] sqlite::status narrow(page_window& part, const message_range& range);
  /// Returns the first message from this time on, in a log whose times rise.
  [[nodiscard]] expected<std::int64_t, store_error>
  first_from(room_id room, std::int64_t first, std::int64_t past_last, std::int64_t time);

  sqlite::statement oldest_;
  sqlite::statement newest_;
  sqlite::statement oldest_by_user_;
  sqlite::statement newest_by_user_;
  sqlite::statement changes_;
  sqlite::statement acked_;
  sqlite::statement bounds_;
  sqlite::statement time_of_;
};

} // namespace hubbub
