#pragma once

#include "persistence/page_window.hpp"
#include "persistence/postgres/pg_exchange.hpp"
#include "persistence/store.hpp"

namespace hubbub {

/// Queues a walk through a room's log; `page` is filled in the order of the walk.
void queue_walk(pg::exchange& reads, const message_range& range, const page_window& part,
                message_page& page);
/// Queues the query for the changed messages of `range`.
void queue_changes(pg::exchange& reads, const change_range& range, message_page& page);

} // namespace hubbub
