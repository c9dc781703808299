#pragma once

#include "persistence/store.hpp"
#include "proto/access/access.hpp"
#include "proto/chat/history_query.hpp"

namespace hubbub {

// Converts clients' queries into those of the store.
[[nodiscard]] message_range to_range(room_id room, const history_query& query);
/// Converts a search; without a room it covers all rooms.
[[nodiscard]] search_query to_search(std::optional<room_id> room, const search_terms& terms);
/// Returns the viewer for whom lists and searches over all rooms are made.
[[nodiscard]] room_viewer viewer_of(const access& who, timestamp now);

} // namespace hubbub
