#include "persistence/orders.hpp"

namespace hubbub {

room_order order_of(const op::change_room& op) {
  return {.what = order_kind::configured,
          .room = op.room,
          .rev = {},
          .about = {.kind = standing_kind::member, .user_id = {}, .by = op.by, .at = {}},
          .is_private = op.is_private.value_or(false),
          .owner = op.owner,
          .is_closed = op.is_closed.value_or(false)};
}

room_order order_of(const op::set_standing& op) {
  return {.what = order_kind::put,
          .room = op.room,
          .rev = {},
          .about = {op.kind, op.user_id, op.by, {}, op.until, op.reason}};
}

room_order order_of(const op::drop_standing& op) {
  return {.what = order_kind::lifted,
          .room = op.room,
          .rev = {},
          .about = {.kind = op.kind, .user_id = op.user_id, .by = op.by, .at = {}}};
}

room_order order_of(const op::expel_user& op) {
  return {.what = order_kind::kicked,
          .room = op.room,
          .rev = {},
          .about = {standing_kind::member, op.user_id, op.by, {}, std::nullopt, op.reason}};
}

room_order carried_out(room_order planned, const write_outcome& outcome) {
  if (const auto* stored = std::get_if<room_order>(&outcome)) return *stored;
  if (const auto* put = std::get_if<standing>(&outcome)) planned.about = *put;
  if (const auto* record = std::get_if<room_record>(&outcome)) {
    planned.is_private = record->is_private;
    planned.owner = record->owner;
    planned.is_closed = record->is_closed;
  }
  return planned;
}

} // namespace hubbub
