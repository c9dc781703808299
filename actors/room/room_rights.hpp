#pragma once

#include "actors/room/standing_table.hpp"
#include "actors/session_interface.hpp"
#include "actors/store/store_actors.hpp"
#include "proto/access/permissions.hpp"
#include "proto/chat/chat_command.hpp"
#include "proto/model.hpp"

#include <optional>
#include <string>

namespace hubbub {

/// Decides who may do what in a room, from what its owner decides and its lists. It asks
/// `permissions` before a client's request is carried out.
class room_rights {
 public:
  /// Makes the rights from the store's state of the room; `open_edit` is the setting, `now` the
  /// wall clock.
  room_rights(const room_record& record, standing_table standings, bool open_edit,
              wall_clock now);

  /// Returns what the permissions depend on, of a user in this room.
  [[nodiscard]] permissions::room_standing standing_of(const std::string& user_id) const;
  /// Returns why a user may not do what a command asks for; nothing if they may.
  [[nodiscard]] permissions::verdict judge(const user& who, const room_command& command) const;
  /// True if a command that `judge` refuses may still be the repeat of a message that is stored
  /// already, of which its sender may be told.
  [[nodiscard]] bool may_repeat(const user& who, const room_command& command) const;
  /// Returns why a user may not be in the room; nothing if they may.
  [[nodiscard]] permissions::verdict may_join(const user& who) const;
  /// Returns why nothing more is said in the room; nothing if it is open.
  [[nodiscard]] permissions::verdict may_use() const;
  /// Returns why a user may not receive the room's events; nothing if they may.
  [[nodiscard]] permissions::verdict may_read(const user& who) const;

  /// Returns the mute that keeps a user from speaking; null if none does.
  [[nodiscard]] const standing* mute_of(const user& who) const;

  [[nodiscard]] const std::optional<std::string>& owner() const { return policy_.owner; }
  [[nodiscard]] bool is_private() const { return policy_.is_private; }
  [[nodiscard]] bool is_closed() const { return policy_.is_closed; }
  void configure(const room_policy& now) { policy_ = now; }
  /// Returns the lists of members, bans and mutes.
  [[nodiscard]] standing_table& standings() { return standings_; }

 private:
  std::string name_;
  room_policy policy_;
  standing_table standings_;
  bool open_edit_;
  wall_clock now_;
};

} // namespace hubbub
