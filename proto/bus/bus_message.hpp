#pragma once

#include "proto/model.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

/// Encodes and decodes what the nodes of a cluster tell each other over the bus: JSON, with the
/// version of its form.
namespace hubbub {

/// The version of the form. It is raised when messages change in such a way that a node of the
/// version before would misread them; a kind of message that is new is ignored by older nodes.
inline constexpr std::int64_t bus_wire = 1;
/// Maximum number of bytes of a message. With its signature it fits into a NOTIFY of
/// PostgreSQL, which takes less than 8,000.
inline constexpr std::size_t max_bus_message = 7'900;

/// The process that sends a message: the number of its node, and a number that each start of
/// the process draws anew.
struct bus_origin {
  std::int64_t node = 0;
  std::int64_t run = 0;
  friend bool operator==(const bus_origin&, const bus_origin&) = default;
};

/// Consecutive entries of a room's log that a node has committed: those after `from`, up to
/// `to`. Each has the next `rev`. Without entries, which are too long then, it only says how
/// far the log goes.
struct bus_log {
  room_id room;
  revision from;
  revision to;
  std::vector<message> entries = {};
  friend bool operator==(const bus_log&, const bus_log&) = default;
};
/// A sign of life, which a node sends to hear it itself.
struct bus_beat {
  std::int64_t number = 0;
  friend bool operator==(const bus_beat&, const bus_beat&) = default;
};
/// A user of the node began to type in a room, or goes on typing, or stopped.
struct bus_typing {
  room_id room;
  std::string user_id;
  std::string username;
  bool is_typing = false;
  friend bool operator==(const bus_typing&, const bus_typing&) = default;
};
/// A user of the node has read a room up to a message.
struct bus_read {
  room_id room;
  std::string user_id;
  sequence seq;
  friend bool operator==(const bus_read&, const bus_read&) = default;
};
/// An event of the program around the chat for the members of a room.
struct bus_event {
  room_id room;
  std::string name;
  std::string args; ///< compact JSON values, joined by commas
  bool is_volatile = false;
  friend bool operator==(const bus_event&, const bus_event&) = default;
};
/// What is said beside the logs, and is lost if the bus loses it. `number` grows with each that
/// one process says, so that what is doubled or overtaken can be dropped.
struct bus_aside {
  std::int64_t number = 0;
  std::variant<bus_typing, bus_read, bus_event> what;
  friend bool operator==(const bus_aside&, const bus_aside&) = default;
};
/// The node has reported who is in rooms there, so that there is something to read.
struct bus_presence {
  friend bool operator==(const bus_presence&, const bus_presence&) = default;
};
/// A message of a kind that this version does not know.
struct bus_unknown {
  friend bool operator==(const bus_unknown&, const bus_unknown&) = default;
};

struct bus_message {
  bus_origin from;
  std::variant<bus_unknown, bus_log, bus_beat, bus_aside, bus_presence> what;
  friend bool operator==(const bus_message&, const bus_message&) = default;
};

/// Encodes the messages and changes, each as it was stored, whose revs follow one another.
/// There is at least one. Entries that are too long together are left out.
[[nodiscard]] std::string encode_bus_log(const bus_origin& from,
                                         std::span<const message* const> entries);
/// Encodes that a room's log goes from `from` to `to`, without the entries.
[[nodiscard]] std::string encode_bus_log(const bus_origin& from, const bus_log& log);
[[nodiscard]] std::string encode_bus_beat(const bus_origin& from, const bus_beat& beat);
[[nodiscard]] std::string encode_bus_presence(const bus_origin& from);
[[nodiscard]] std::string encode_bus_aside(const bus_origin& from, const bus_aside& aside);
/// True if an event is not too long to be said over the bus.
[[nodiscard]] bool fits_bus(const bus_event& event);

/// Decodes a message; returns nothing for anything that `encode_…` of this version or of one
/// with the same wire would not have written.
[[nodiscard]] std::optional<bus_message> decode_bus_message(std::string_view text);

} // namespace hubbub
