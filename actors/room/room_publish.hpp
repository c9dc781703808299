#pragma once

#include "actors/room/room_core.hpp"
#include "actors/room/room_presence.hpp"
#include "actors/room/room_storage.hpp"

#include <optional>
#include <string>
#include <vector>

namespace hubbub {

/// Handles messages: they are stored first, then sent to members. Also answers those who
/// write, and tells the members of every event of the log.
class room_publish {
 public:
  room_publish(room_core& core, room_storage& storage, room_presence& presence)
      : core_(core), storage_(storage), presence_(presence) {}

  void run(room_request& request, command::send_message& command);
  /// Answers a message with a `client_id` whose sender may not send here, if it is the repeat
  /// of one that is stored.
  void run_repeat(room_request& request);
  void on_outcome(const appended& result, const room_request& request);
  void on_outcome(store_error why, const room_request& request);

  /// Moves the room on to a stored message or change, answers its request and tells the
  /// members.
  void tell(const frame_ptr& event, const message& what, const std::string& json,
            const room_request& request);
  /// Moves the room on to an entry of the log that another node wrote, and tells the members.
  void tell_foreign(const log_entry& entry);
  /// Moves the room past messages that it cannot tell, since retention removed them or they
  /// were stored without the room's knowledge. The members are told that they miss them.
  void skip_to(sequence seq);
  /// Records what a request did to a message, with the number of connections that it goes to.
  void note(trace_kind what, const message& stored, const room_request& request) const;
  /// Answers a request with the message as it is now.
  void answer(const room_request& request, const std::string& json, bool repeated,
              const std::optional<room_position>& at = std::nullopt);

 private:
  void append(room_request& request, command::send_message& command, bool only_if_repeated);
  void on_stored(const message& stored, const room_request& request);
  void tell_members(const frame_ptr& event, sequence about,
                    const std::vector<session_id>& except);

  room_core& core_;
  room_storage& storage_;
  room_presence& presence_;
};

} // namespace hubbub
