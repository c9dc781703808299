#pragma once

#include "actors/room/presence_changes.hpp"
#include "actors/room/room_core.hpp"
#include "actors/room/typing_table.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace hubbub {

/// Tells a room's members who comes, who goes and who is typing, and returns who is here.
class room_presence {
 public:
  explicit room_presence(room_core& core) : core_(core) {}

  void run(room_request& request, const command::set_typing& command);
  void run(room_request& request, const command::get_members& command);

  /// Tells the members an event of the program around the chat, unless the room is closed.
  [[nodiscard]] broadcast_outcome tell_foreign(const room_broadcast& what);
  /// Takes what another node says about a user who types there.
  void hear(const bus_typing& typing);
  /// Tells the members an event of the program around another node's chat.
  void hear(const bus_event& event);

  /// Ends a user's typing, if they were typing; with a session, if they were typing there.
  void stop_typing(const std::string& user_id);
  void stop_typing(const std::string& user_id, session_id session);
  /// Tells, at once or together with other changes, that a user has come or gone.
  /// `session` is the one that came, which is told by its answer.
  void tell_joined(const presence_user& who, std::optional<session_id> session);
  void tell_left(const presence_user& who, leave_reason reason);
  /// Returns the first members as the items of a JSON array, and notes that they are shown.
  [[nodiscard]] std::string_view show_first_members();
  /// Returns a page of members. The next changes that its reader is told apply to it.
  [[nodiscard]] members_page show_members(const std::optional<std::string>& after,
                                          std::int64_t limit);

  /// Ends typing that has timed out.
  void expire_typing(room_core::time_point now);
  /// Tells members the joins and leaves that are due.
  void tell_due_changes(room_core::time_point now);
  /// Requests the next tick that it needs.
  void ask_for_tick();

 private:
  void tell(const bus_event& event);
  void tell_typing(const presence_user& who, bool is_typing);
  void say_typing_elsewhere(const presence_user& who, bool is_typing);
  [[nodiscard]] bool is_coalesced() const;
  void note(const presence_user& who, bool joined);
  void tell_changes();

  room_core& core_;
  typing_table typing_;
  presence_changes changes_; ///< changes that were not told yet
};

} // namespace hubbub
