#pragma once

#include "proto/ids.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace hubbub {

/// What a room does to a member that does not read what it is sent. Typing is dropped past the
/// soft bound of the member's queue whatever the policy.
enum class slow_reader_policy : std::uint8_t {
  drop_volatile, ///< past the hard bound the connection is closed
  disconnect,    ///< that happens at the soft bound already
  resync,        ///< past the hard bound queued messages give way to a `gap` that says which
};

/// What the queues of connections know of a room. Made once by the room, shared by its frames.
struct room_label {
  room_id id;
  std::string name;
  slow_reader_policy policy = slow_reader_policy::drop_volatile;
};
using room_label_ptr = std::shared_ptr<const room_label>;

/// The messages of a room that a frame tells of: one, or those that a gap stands for.
struct message_span {
  room_label_ptr room; ///< null: the frame is no message of a room
  sequence first;
  sequence last;
  bool is_gap = false; ///< it says that they are missing
};

} // namespace hubbub
