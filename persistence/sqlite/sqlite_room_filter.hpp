#pragma once

#include "persistence/sqlite/sqlite_handle.hpp"
#include "persistence/store.hpp"

namespace hubbub {

/// Gives the connection the function `is_named(name, patterns)` for queries of rooms: true
/// where one of the viewer's patterns describes the name, or the viewer has none to keep to.
[[nodiscard]] sqlite::status add_room_filter(const sqlite::database& db);

/// The second argument of `is_named`. The viewer must outlive the run of the statement.
[[nodiscard]] sqlite::pointer patterns_of(const room_viewer& viewer);

} // namespace hubbub
