#pragma once

#include "proto/access/client_address.hpp"
#include "proto/close_reason.hpp"
#include "proto/ids.hpp"
#include "proto/socket/socket_session.hpp"
#include "proto/websocket/frame.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace hubbub {

/// What became of a join.
struct join_outcome {
  room_id room;
  std::uint32_t join = 0; ///< its number
  bool is_in = false;     ///< the session is in the room now, by this join or an earlier one
};

/// One client's outgoing side, as its session and its thread's relay see it. It lives on one io
/// thread and is only touched there. Queued frames are flushed at the end of the loop pass; the
/// queue is bounded in bytes, and a client that lets it pass the bound is closed as a
/// `slow_reader`.
class connection {
 public:
  virtual ~connection() = default;
  connection() = default;
  connection(const connection&) = delete;
  connection& operator=(const connection&) = delete;

  /// Queues a frame behind all earlier ones. Ignored once closed.
  virtual void send(const frame_ptr& frame) = 0;
  /// The same for what may be lost (typing): dropped while the queue is past its soft bound.
  virtual void send_volatile(const frame_ptr& frame) = 0;
  /// Ends the Engine.IO session in order; the session actor then hears `connection_closed`.
  virtual void close(close_reason reason) = 0;
  /// Has a tick sent to the session actor at this time, or at an earlier one that was asked
  /// for before: who still waits then asks again.
  virtual void wake_session_at(steady_time when) = 0;
  /// Bytes of memory that the session holds of a packet that is not complete.
  virtual void note_held(std::size_t) {}
  /// The session has its first namespace: it no longer counts as one that only takes up room.
  virtual void on_connected() {}

  /// Requests of this client that rooms have not answered yet. The chat counts up, the relay
  /// down: both run on the connection's thread.
  std::size_t requests_in_flight = 0;
  /// The `session_id::life` that hears rooms now. What they still say to an earlier one, which
  /// the relay has yet to detach, is dropped.
  std::uint32_t life = 0;
  /// Of joins that rooms have answered. The relay puts them here, the chat takes them out
  /// before it sends another: no more than there may be requests in flight.
  std::vector<join_outcome> join_outcomes;
  /// Queued messages gave way to a gap, and their offsets with them. The connection says so,
  /// the relay takes note.
  bool has_skipped = false;
  /// The handshake's query asked for sessions that can be recovered.
  bool wants_recovery = false;
  /// From where its session was opened, behind trusted proxies. For limits see `limit_key`.
  client_address client;
};

using connection_ptr = std::shared_ptr<connection>;

} // namespace hubbub
