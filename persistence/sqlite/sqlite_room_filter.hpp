#pragma once

#include "persistence/sqlite/sqlite_handle.hpp"
#include "persistence/store.hpp"

namespace hubbub {

/// Adds the function `is_named(name, patterns)` to the connection, for queries of rooms. It is
/// true if one of the viewer's patterns matches the name, or if the viewer is not restricted to
/// patterns.
[[nodiscard]] sqlite::status add_room_filter(const sqlite::database& db);

/// Returns the second argument of `is_named`. The viewer must outlive the run of the statement.
[[nodiscard]] sqlite::pointer patterns_of(const room_viewer& viewer);

} // namespace hubbub
