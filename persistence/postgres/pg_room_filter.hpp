#pragma once

#include "persistence/postgres/pg_parameters.hpp"
#include "persistence/store.hpp"

#include <optional>
#include <string_view>

// Condition that a viewer may see the room `r`; the arguments are SQL: the user (NULL, which
// equals no user, for a viewer without a name), the time, whether the viewer sees all rooms,
// and the patterns of names or NULL.
#define HUBBUB_PG_SHOWN_TO(user, now, sees_all, patterns)                                      \
  "(NOT is_private OR " sees_all " OR owner = " user                                           \
  " OR (EXISTS (SELECT FROM standings s WHERE s.room_id = r.id AND s.kind = 1"                 \
  " AND s.user_id = " user ") AND NOT EXISTS (SELECT FROM standings s"                         \
  " WHERE s.room_id = r.id AND s.kind = 2 AND s.user_id = " user                               \
  " AND (s.until IS NULL OR s.until > " now "))))"                                             \
  " AND (" patterns " IS NULL OR name LIKE ANY(" patterns "))"

namespace hubbub {

/// Adds the viewer to the arguments of a statement: the user, the time, whether all rooms are
/// seen, and the patterns of names.
void add_viewer(pg::parameters& arguments, const room_viewer& viewer);

} // namespace hubbub
