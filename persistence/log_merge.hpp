#pragma once

#include "persistence/store.hpp"

namespace hubbub {

/// Merges a room's messages after `after.seq`, rising in `seq`, its messages that were changed
/// after `after.rev`, rising in `rev`, and the orders after it into entries of the log. `head`
/// is the end of the log; nothing may lie beyond it except the state of a message that was
/// changed later. Any page may be cut (`has_more`); then the part ends where something is
/// missing.
///
/// The store keeps a message as it is now, so the `rev` with which a changed one was appended
/// is not known. Such a message comes right after the one before it; its change follows as an
/// entry of its own. If an order may have come before it, it comes after the order, so that
/// nobody who lost the room by that order is told of it.
[[nodiscard]] log_part merge_log(const room_position& after, const room_position& head,
                                 message_page fresh, message_page changed,
                                 order_page orders = {});

} // namespace hubbub
