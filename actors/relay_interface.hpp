#pragma once

#include "actors/connection.hpp"
#include "actors/recovery_interface.hpp"
#include "actors/runtime/caf_compat.hpp"
#include "proto/ids.hpp"
#include "proto/model.hpp"
#include "proto/websocket/frame.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

/// A relay's interface, and the messages to it.
namespace hubbub {

/// Tells a relay that the session's connection can be written to from now on.
struct attach_connection {
  session_id session;
  connection_ptr to;
  /// Set if the session can be recovered: logged events reach it with an offset at the end,
  /// signed with the store's secret, which is the same for all.
  std::optional<recovery_identity> recovery = std::nullopt;
  recovery_secret secret{};
  /// The positions of a recovered session in its rooms, to which it has yet to return: what its
  /// client is known to have. For rooms that owe it a gap, also the position before what is
  /// missing. In any order.
  std::vector<room_position> positions = {};
  /// Send an offset at once, since the client has none with these positions.
  bool tells_offset = false;
  /// The session's id in Socket.IO, if somebody may name it; empty: nobody does.
  std::string sid = {};
};
struct detach_connection {
  session_id session;
};

/// Sends a frame to all of a room's members on this thread, except those in `except`.
struct fan_out {
  room_id room;
  frame_ptr what;
  std::vector<session_id> except;
  bool is_volatile = false;
  /// The position in the room's log of members that got the event, if the event is in the log;
  /// it goes into offsets.
  std::optional<room_position> at = std::nullopt;
  /// When the thread of the room heard that the event is stored; the epoch if nobody measures.
  std::chrono::steady_clock::time_point since{};
};
/// Identifies a join: which of its session's joins, and of which room.
struct join_number {
  room_id room;
  std::uint32_t number = 0; ///< from 1 on; 0: a leave
};
/// Answers one request; without a frame it only counts as answered.
struct reply {
  session_id session;
  frame_ptr what;
  std::optional<room_position> at = std::nullopt;
  /// Set if it answers this join, which was refused.
  std::optional<join_number> refused = std::nullopt;
};
/// Sends a frame to one session, unasked.
struct tell {
  session_id session;
  frame_ptr what;
  std::optional<room_position> at = std::nullopt;
};
/// Answers a join: from here on the session receives the room's events.
struct enter_room {
  room_id room;
  session_id session;
  frame_ptr what;
  std::optional<room_position> at = std::nullopt;
  bool answers = true;    ///< false for a recovered session, which made no request
  std::uint32_t join = 0; ///< the number of the join that this answers
};
/// Ends the room's events for a session. With `answers`, it also answers a request; without,
/// the session was put out.
struct exit_room {
  room_id room;
  session_id session;
  frame_ptr what;
  bool answers = true;
};
using relay_order = std::variant<fan_out, reply, tell, enter_room, exit_room>;
/// The orders that one turn of a room has for one thread, in order.
using relay_orders = std::vector<relay_order>;

/// An event from outside of the chat, for the sessions of a thread that are in one of the rooms
/// or have one of the ids, each once. It is in no log.
struct wide_event {
  frame_ptr what;
  bool to_everybody = false;
  bool is_volatile = false;
  std::vector<room_id> rooms = {};
  std::vector<std::string> sids = {};
  // Who does not get it:
  std::vector<room_id> except_rooms = {};
  std::vector<std::string> except_sids = {};
};
/// What goes to all relays, in order.
using wide_events = std::vector<std::shared_ptr<const wide_event>>;

struct send_owed_offsets {};
/// The time has come for more of the wide events that wait.
struct send_wide_events {};
/// Closes all connections, whose clients come back, to this node or another.
struct close_connections {};
struct ask_relay_stats {};
struct relay_stats {
  std::uint64_t delivered = 0;   ///< frames passed to connections by fan-out
  std::uint64_t connections = 0; ///< connections that are attached now
  std::uint64_t mail = 0;        ///< messages that wait for the relay
};

/// One for each io thread, pinned to it. Everything that a room sends to a connection goes
/// through it: one FIFO from a room to a thread keeps the order, joins without a gap, and
/// events among members.
using relay_actor = compat::typed_actor<
    /// Sent by rooms. Not idempotent.
    caf::result<void>(relay_orders),
    /// Sent by chats when the client enters the namespace.
    caf::result<void>(attach_connection),
    /// Sent by chats when the client leaves the namespace. What arrives for the session later
    /// is dropped.
    caf::result<void>(detach_connection),
    /// Sent to itself, once a pass: sends the offsets that are owed.
    caf::result<void>(send_owed_offsets),
    /// Sent by the bridge. Answered, always with true, when they are with the connections, so
    /// that few wait; in portions, between which others have their turn. Not idempotent.
    caf::result<bool>(wide_events),
    /// Sent to itself: more of them are due.
    caf::result<void>(send_wide_events),
    /// Sent by the presence actor when the node has lost its lease.
    caf::result<void>(close_connections),
    /// Sent by the metrics page.
    caf::result<relay_stats>(ask_relay_stats)>;

} // namespace hubbub
