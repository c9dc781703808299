#pragma once

#include "persistence/write_ops.hpp"

namespace hubbub {

/// Returns the order that an op of moderation stands for, as it is known before the op is
/// carried out; it has no `rev` yet.
[[nodiscard]] room_order order_of(const op::change_room& op);
[[nodiscard]] room_order order_of(const op::set_standing& op);
[[nodiscard]] room_order order_of(const op::drop_standing& op);
[[nodiscard]] room_order order_of(const op::expel_user& op);

/// Returns a planned order as it was carried out, by its op's outcome, which is no error.
[[nodiscard]] room_order carried_out(room_order planned, const write_outcome& outcome);

} // namespace hubbub
