#pragma once

#include "persistence/sqlite/sqlite_handle.hpp"
#include "persistence/store.hpp"
#include "proto/model.hpp"

#include <cstdint>
#include <limits>
#include <optional>
#include <string_view>

// The columns of a room and of a message, in the order in which `room_of` and `message_of` read
// them. They are macros, since statements are put together from literals.
#define HUBBUB_ROOM_COLUMNS                                                                    \
  "id, name, created_at, first_seq, last_seq, last_rev, last_message_at, owner, is_private,"   \
  " is_closed"
#define HUBBUB_MESSAGE_COLUMNS                                                                 \
  "id, room_id, seq, rev, user_id, username, content, client_id, created_at, edited_at,"       \
  " deleted_at"
// The id of the newest message that there ever was, as an expression over its row of
// `counters`. The row is written with the cursors of the search, and before messages are
// removed: written by each commit it would cost one page more.
#define HUBBUB_LAST_MESSAGE_ID "max(value, coalesce((SELECT max(id) FROM messages), 0))"
// Condition that a user may know the private room of this row at a moment; both arguments are
// SQL. Each room is looked up once, by the primary key of its lists.
#define HUBBUB_KNOWN_TO(user, now)                                                             \
  "(owner = " user " OR (EXISTS (SELECT 1 FROM standings WHERE room_id = rooms.id"             \
  " AND kind = 1 AND user_id = " user ") AND NOT EXISTS (SELECT 1 FROM standings WHERE"        \
  " room_id = rooms.id AND kind = 2 AND user_id = " user " AND (until IS NULL OR until > " now \
  "))))"

namespace hubbub {

/// Returns the user for `HUBBUB_KNOWN_TO`. A viewer without a name becomes NULL, which equals
/// no user.
[[nodiscard]] inline std::optional<std::string_view> name_of(const room_viewer& viewer) {
  if (viewer.user_id.empty()) return std::nullopt;
  return viewer.user_id;
}

/// Returns whether a room may have this counter, and one more may follow it. A damaged database
/// may hold any number, with which nothing must be computed.
[[nodiscard]] constexpr bool is_counter(std::int64_t value) {
  return value >= 0 && value < std::numeric_limits<std::int64_t>::max();
}

/// Returns the room, or `corrupt` if its counters are impossible.
[[nodiscard]] inline expected<room_record, store_error> room_of(const sqlite::rows& row) {
  for (const int counter : {3, 4, 5})
    if (!is_counter(row.integer(counter))) return unexpected(store_error::corrupt);
  return room_record{.id = row.number<room_id>(0),
                     .name = row.text(1),
                     .created_at = row.number<timestamp>(2),
                     .first_seq = row.number<sequence>(3),
                     .last_seq = row.number<sequence>(4),
                     .last_rev = row.number<revision>(5),
                     .last_message_at = row.optional_number<timestamp>(6),
                     .owner = row.optional_text(7),
                     .is_private = row.integer(8) != 0,
                     .is_closed = row.integer(9) != 0};
}

[[nodiscard]] inline message message_of(const sqlite::rows& row) {
  return {.id = row.number<message_id>(0),
          .room = row.number<room_id>(1),
          .seq = row.number<sequence>(2),
          .rev = row.number<revision>(3),
          .user_id = row.text(4),
          .username = row.text(5),
          .content = row.text(6),
          .client_id = row.optional_text(7),
          .created_at = row.number<timestamp>(8),
          .edited_at = row.optional_number<timestamp>(9),
          .deleted_at = row.optional_number<timestamp>(10)};
}

} // namespace hubbub
