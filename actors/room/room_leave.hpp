#pragma once

#include "actors/room/room_core.hpp"
#include "actors/room/room_membership.hpp"
#include "actors/room/room_storage.hpp"

namespace hubbub {

/// Handles leaves, and the ends of sessions. The leave of a recoverable session is acked when
/// the store knows that it is not in the room.
class room_leave {
 public:
  room_leave(room_core& core, room_storage& storage, room_membership& membership)
      : core_(core), storage_(storage), membership_(membership) {}

  void run(room_request& request, const command::leave_room& command);
  void run(const room_departure& departure);

 private:
  void store(room_request request);
  void refuse(const room_request& request, const error& why);
  void leave(const room_request& request);

  room_core& core_;
  room_storage& storage_;
  room_membership& membership_;
};

} // namespace hubbub
