#pragma once

#include "persistence/postgres/pg_connection.hpp"

/// The statements that end the memberships of recoverable sessions whose user loses a room, so
/// that nobody who is let in again later gets what was said meanwhile.
///
/// A room counts its losses: it has one each time that it becomes private. A membership
/// remembers the count at its start. If there have been more since, it is valid only for a user
/// who was on the roster all the time since. So if a thousand users lose a room at once, that
/// costs one number; what a single user loses is written into the memberships of that user.
///
/// The arguments are the room and the user.
namespace hubbub::pg {

#define HUBBUB_PG_SESSIONS_OF_USER                                                             \
  "session IN (SELECT session FROM recoverable WHERE user_id = $2::text)"
#define HUBBUB_PG_OWNED_BY_USER                                                                \
  "(SELECT owner FROM rooms WHERE id = $1::bigint) IS NOT DISTINCT FROM $2::text"
#define HUBBUB_PG_ON_ROSTER                                                                    \
  "EXISTS (SELECT FROM standings WHERE room_id = $1::bigint AND kind = 1"                      \
  " AND user_id = $2::text)"

/// Forgets the ended sessions of a user who was kicked or banned.
inline constexpr statement forget_ended{
    "forget_ended", "UPDATE recoverable s SET pid_hash = decode(repeat('00', 32), 'hex')"
                    " WHERE s.user_id = $2::text AND s.ended_at IS NOT NULL AND EXISTS"
                    " (SELECT FROM recoverable_rooms r WHERE r.session = s.session AND "
                    "r.room_id = $1::bigint)"};
/// Ends the memberships of a user who was kicked or banned.
inline constexpr statement expel_sessions{
    "expel_sessions", "DELETE FROM recoverable_rooms r USING recoverable s"
                      " WHERE r.room_id = $1::bigint AND r.session = s.session"
                      " AND s.user_id = $2::text"};
/// Runs before a user is put on the roster or becomes the owner: earlier losses of the room
/// apply to this user too, who was not known then.
inline constexpr statement lose_before_known{
    "lose_before_known", "UPDATE recoverable_rooms SET losses = -1 WHERE room_id = $1::bigint"
                         " AND " HUBBUB_PG_SESSIONS_OF_USER
                         " AND losses < (SELECT losses FROM rooms WHERE id = $1::bigint)"
                         " AND NOT " HUBBUB_PG_ON_ROSTER " AND NOT " HUBBUB_PG_OWNED_BY_USER};
/// Runs before a user is taken off the roster. In a public room that loses nothing, and a
/// membership that is still valid counts as begun now.
inline constexpr statement lose_before_unknown{
    "lose_before_unknown",
    "UPDATE recoverable_rooms SET losses = (SELECT CASE WHEN rooms.is_private THEN -1"
    " ELSE rooms.losses END FROM rooms WHERE id = $1::bigint) WHERE room_id = $1::bigint"
    " AND " HUBBUB_PG_SESSIONS_OF_USER " AND losses >= 0 AND " HUBBUB_PG_ON_ROSTER
    " AND NOT " HUBBUB_PG_OWNED_BY_USER};

#undef HUBBUB_PG_ON_ROSTER
#undef HUBBUB_PG_OWNED_BY_USER
#undef HUBBUB_PG_SESSIONS_OF_USER

} // namespace hubbub::pg
