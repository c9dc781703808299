#pragma once

#include "persistence/postgres/pg_connection.hpp"
#include "proto/access/room_order.hpp"
#include "proto/model.hpp"

// The columns of a room and of a message, in the order in which `room_of` and `message_of` read
// them. They are macros, since statements are put together from literals.
#define HUBBUB_PG_ROOM_COLUMNS                                                                 \
  "id, name, created_at, first_seq, last_seq, last_rev, last_message_at, owner, is_private,"   \
  " is_closed"
#define HUBBUB_PG_MESSAGE_COLUMNS                                                              \
  "id, room_id, seq, rev, user_id, username, content, client_id, created_at, edited_at,"       \
  " deleted_at"
/// The columns of an order, in the places in which `foreign_entries` returns them. The last one
/// is 1 for a private room, and 2 more for a closed one.
#define HUBBUB_PG_ORDER_COLUMNS                                                                \
  "what, room_id, kind, rev, user_id, given_by, reason, owner, given_at, until,"               \
  " is_private::int::bigint + 2 * coalesce(is_closed,"                                         \
  " (SELECT r.is_closed FROM rooms r WHERE r.id = room_id))::int::bigint"

namespace hubbub::pg {

[[nodiscard]] inline room_record room_of(const result& rows, int row) {
  return {.id = rows.number<room_id>(row, 0),
          .name = rows.text(row, 1),
          .created_at = rows.number<timestamp>(row, 2),
          .first_seq = rows.number<sequence>(row, 3),
          .last_seq = rows.number<sequence>(row, 4),
          .last_rev = rows.number<revision>(row, 5),
          .last_message_at = rows.optional_number<timestamp>(row, 6),
          .owner = rows.optional_text(row, 7),
          .is_private = rows.boolean(row, 8),
          .is_closed = rows.boolean(row, 9)};
}

[[nodiscard]] inline message message_of(const result& rows, int row) {
  return {.id = rows.number<message_id>(row, 0),
          .room = rows.number<room_id>(row, 1),
          .seq = rows.number<sequence>(row, 2),
          .rev = rows.number<revision>(row, 3),
          .user_id = rows.text(row, 4),
          .username = rows.text(row, 5),
          .content = rows.text(row, 6),
          .client_id = rows.optional_text(row, 7),
          .created_at = rows.number<timestamp>(row, 8),
          .edited_at = rows.optional_number<timestamp>(row, 9),
          .deleted_at = rows.optional_number<timestamp>(row, 10)};
}

[[nodiscard]] inline room_order order_of(const result& rows, int row) {
  return {.what = static_cast<order_kind>(rows.integer(row, 0)),
          .room = rows.number<room_id>(row, 1),
          .rev = rows.number<revision>(row, 3),
          .about = {.kind = static_cast<standing_kind>(rows.integer(row, 2)),
                    .user_id = rows.text(row, 4),
                    .by = rows.text(row, 5),
                    .at = rows.number<timestamp>(row, 8),
                    .until = rows.optional_number<timestamp>(row, 9),
                    .reason = rows.text(row, 6)},
          .is_private = rows.integer(row, 10) % 2 == 1,
          .owner = rows.optional_text(row, 7),
          .is_closed = rows.integer(row, 10) >= 2};
}

} // namespace hubbub::pg
