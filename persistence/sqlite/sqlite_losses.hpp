#pragma once

#include "persistence/sqlite/sqlite_handle.hpp"
#include "persistence/store.hpp"

#include <string>
#include <vector>

namespace hubbub {

/// Ends the memberships of recoverable sessions whose user loses a room, so that nobody who is
/// let in again later gets what was said meanwhile. It is part of the op that is the loss: both
/// are stored or none.
///
/// A room counts its losses: it has one each time that it becomes private. A membership
/// remembers the count at its start. If there have been more since, it is valid only for a user
/// who was on the roster all the time since. So if a thousand users lose a room at once, that
/// costs one number; what a single user loses is written into the memberships of that user.
class sqlite_losses {
 public:
  explicit sqlite_losses(const sqlite::database& db);
  [[nodiscard]] sqlite::status prepare();

  /// Ends the memberships of a user who was kicked or banned, and forgets their sessions that
  /// have ended. Returns the sessions that were in the room.
  [[nodiscard]] expected<std::vector<recovery_id>, store_error>
  expel(room_id room, const std::string& user_id);
  /// Call before the user is put on the roster or becomes the owner: earlier losses of the room
  /// apply to them too.
  [[nodiscard]] sqlite::status before_known(room_id room, const std::string& user_id);
  /// Call before the user is taken off the roster.
  [[nodiscard]] sqlite::status before_unknown(room_id room, const std::string& user_id);

 private:
  sqlite::statement forget_ended_;
  sqlite::statement expel_;
  sqlite::statement lose_missed_;
  sqlite::statement lose_;
};

} // namespace hubbub
