#pragma once

#include "proto/ids.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace hubbub {

/// What a room does to a member that does not read what it is sent. Whatever the policy, typing
/// events are dropped above the soft bound of the member's queue.
enum class slow_reader_policy : std::uint8_t {
  drop_volatile, ///< above the hard bound the connection is closed
  disconnect,    ///< the connection is closed at the soft bound already
  /// Above the hard bound, queued messages are replaced by a `gap` that names them.
  resync,
};

/// The facts about a room that the queues of connections need. The room makes it once, and its
/// frames share it.
struct room_label {
  room_id id;
  std::string name;
  slow_reader_policy policy = slow_reader_policy::drop_volatile;
};
using room_label_ptr = std::shared_ptr<const room_label>;

/// The messages of a room that a frame carries: one message, or those that a gap stands for.
struct message_span {
  room_label_ptr room; ///< null: the frame carries no message of a room
  sequence first;
  sequence last;
  bool is_gap = false; ///< the frame says that the messages are missing
};

} // namespace hubbub
