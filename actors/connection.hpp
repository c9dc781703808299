#pragma once

#include "proto/access/client_address.hpp"
#include "proto/close_reason.hpp"
#include "proto/ids.hpp"
#include "proto/model.hpp"
#include "proto/socket/socket_session.hpp"
#include "proto/websocket/frame.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hubbub {

/// The result of a join or of a recoverable session's leave, or that a session was put out.
struct join_outcome {
  room_id room;
  std::uint32_t join = 0; ///< its number; 0: of anything else
  bool is_in = false;     ///< the session is in the room now, by this join or an earlier one
};

/// Why a client's CONNECT was refused, for the log.
struct refused_connect {
  std::string_view why;
  std::string_view sentence;
  std::string_view user;   ///< whose token it showed, if that is known
  std::string_view key_id; ///< see `token_refusal`
};

/// One client's outgoing side, as its session and its thread's relay use it. It lives on one io
/// thread and is only used there. Queued frames are flushed at the end of the loop pass. The
/// queue is bounded in bytes, and a client that lets it exceed the bound is closed as a
/// `slow_reader`.
class connection {
 public:
  virtual ~connection() = default;
  connection() = default;
  connection(const connection&) = delete;
  connection& operator=(const connection&) = delete;

  /// Queues a frame after all earlier ones. Ignored once closed.
  virtual void send(const frame_ptr& frame) = 0;
  /// Queues a frame that may be lost (typing): it is dropped while the queue is above its soft
  /// bound.
  virtual void send_volatile(const frame_ptr& frame) = 0;
  /// Ends the Engine.IO session in order; the session actor then receives `connection_closed`.
  virtual void close(close_reason reason) = 0;
  /// Has a tick sent to the session actor at this time, or at an earlier one that was requested
  /// before; a session that still waits then requests another tick.
  virtual void wake_session_at(steady_time when) = 0;
  /// Says that the events of a room follow from this position of its log on.
  virtual void on_entered(const room_position&) {}
  /// Tells how many bytes of memory the session holds of an incomplete packet.
  virtual void note_held(std::size_t) {}
  /// Says that the session has its first namespace, so that it no longer counts as unconnected.
  virtual void on_connected() {}
  /// Says that a request of the client was refused since it is too fast; `what` it does too
  /// much of. For the log.
  virtual void on_too_fast([[maybe_unused]] std::string_view what) {}
  /// Says that the client's CONNECT was refused. For the log.
  virtual void on_kept_out(const refused_connect&) {}

  /// Requests of this client that rooms have not answered yet. The chat increments it, the
  /// relay decrements it; both run on the connection's thread.
  std::size_t requests_in_flight = 0;
  /// The `session_id::life` that receives rooms' events now. Events for an earlier life, which
  /// the relay has yet to detach, are dropped.
  std::uint32_t life = 0;
  /// Results of joins that rooms have answered, and rooms that have put the session out. The
  /// relay adds them, and the chat removes them before it sends another join, so there are
  /// never more than requests may be in flight and rooms it may be in.
  std::vector<join_outcome> join_outcomes;
  /// True if queued messages, with their offsets, were replaced by a gap. The connection sets
  /// it, the relay resets it.
  bool has_skipped = false;
  /// True if the handshake's query asked for sessions that can be recovered.
  bool wants_recovery = false;
  /// The address from which the session was opened, behind trusted proxies. For limits see
  /// `limit_key`.
  client_address client;
  /// The headers of the request that opened the session, by name; null if nobody wants them.
  std::shared_ptr<const std::vector<std::pair<std::string, std::string>>> headers;
  /// The id of the user, once the client has one. For the log.
  std::shared_ptr<const std::string> user_id;
};

using connection_ptr = std::shared_ptr<connection>;

} // namespace hubbub
