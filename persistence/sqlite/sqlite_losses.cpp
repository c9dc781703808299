#include "persistence/sqlite/sqlite_losses.hpp"

namespace hubbub {

namespace {

#define HUBBUB_SESSIONS_OF_USER                                                                \
  "session IN (SELECT session FROM recoverable WHERE user_id = ?2)"
#define HUBBUB_OWNED_BY_USER "(SELECT owner FROM rooms WHERE id = ?1) IS ?2"
#define HUBBUB_ON_ROSTER                                                                       \
  "EXISTS (SELECT 1 FROM standings WHERE room_id = ?1 AND kind = 1 AND user_id = ?2)"

constexpr auto forget_ended =
    "UPDATE recoverable SET pid_hash = zeroblob(32) WHERE user_id = ?2 AND ended_at IS NOT NULL"
    " AND EXISTS (SELECT 1 FROM recoverable_rooms WHERE session = recoverable.session"
    " AND room_id = ?1)";
constexpr auto expel_sessions =
    "DELETE FROM recoverable_rooms WHERE room_id = ?1 AND " HUBBUB_SESSIONS_OF_USER
    " RETURNING session";
// Earlier losses of the room apply to this user too, who was not known then.
constexpr auto lose_missed =
    "UPDATE recoverable_rooms SET losses = -1 WHERE room_id = ?1 AND " HUBBUB_SESSIONS_OF_USER
    " AND losses < (SELECT losses FROM rooms WHERE id = ?1)"
    " AND NOT " HUBBUB_ON_ROSTER " AND NOT " HUBBUB_OWNED_BY_USER;
// In a public room nothing is lost, and a membership that is still valid counts as begun now.
constexpr auto lose =
    "UPDATE recoverable_rooms SET losses ="
    " (SELECT CASE WHEN is_private THEN -1 ELSE rooms.losses END FROM rooms WHERE id = ?1)"
    " WHERE room_id = ?1 AND " HUBBUB_SESSIONS_OF_USER " AND losses >= 0"
    " AND " HUBBUB_ON_ROSTER " AND NOT " HUBBUB_OWNED_BY_USER;

#undef HUBBUB_ON_ROSTER
#undef HUBBUB_OWNED_BY_USER
#undef HUBBUB_SESSIONS_OF_USER

} // namespace

sqlite_losses::sqlite_losses(const sqlite::database& db)
    : forget_ended_(db, forget_ended), expel_(db, expel_sessions),
      lose_missed_(db, lose_missed), lose_(db, lose) {}

sqlite::status sqlite_losses::prepare() {
  return prepare_all(forget_ended_, expel_, lose_missed_, lose_);
}

expected<std::vector<recovery_id>, store_error>
sqlite_losses::expel(room_id room, const std::string& user_id) {
  const auto forgotten = forget_ended_.run(room, user_id);
  if (!forgotten) return unexpected(forgotten.error());
  auto found = expel_.query(room, user_id);
  std::vector<recovery_id> sessions;
  for (;;) {
    const auto row = found.next();
    if (!row) return unexpected(row.error());
    if (!*row) return sessions;
    sessions.push_back(found.number<recovery_id>(0));
  }
}

sqlite::status sqlite_losses::before_known(room_id room, const std::string& user_id) {
  return lose_missed_.run(room, user_id);
}

sqlite::status sqlite_losses::before_unknown(room_id room, const std::string& user_id) {
  return lose_.run(room, user_id);
}

} // namespace hubbub
