#pragma once

#include "persistence/store.hpp"
#include "proto/access/access.hpp"
#include "proto/chat/history_query.hpp"

namespace hubbub {

// What clients ask, as the store is asked.
[[nodiscard]] message_range to_range(room_id room, const history_query& query);
/// Without a room: all of them.
[[nodiscard]] search_query to_search(std::optional<room_id> room, const search_terms& terms);
/// For whom lists and searches over all rooms are made.
[[nodiscard]] room_viewer viewer_of(const access& who, timestamp now);

} // namespace hubbub
