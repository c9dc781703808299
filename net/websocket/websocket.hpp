#pragma once

#include "net/admission/census.hpp"
#include "net/http/http_exchange.hpp"
#include "net/io/io_stream.hpp"
#include "net/websocket/frame_queue.hpp"
#include "proto/close_reason.hpp"
#include "proto/websocket/frame.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <string>

namespace hubbub {

class io_thread;
class websocket;

/// Receives the events of a WebSocket, on its io thread.
class websocket_owner {
 public:
  virtual void on_websocket_message(websocket& from, std::string data, bool binary) = 0;
  /// Says that the WebSocket is gone; the owner releases it. It is the last call.
  virtual void on_websocket_closed(websocket& from, close_reason reason) = 0;

 protected:
  ~websocket_owner() = default;
};

/// One accepted WebSocket. It answers pings and closes by itself. All frames are written as
/// they are, many at once, from one queue.
class websocket {
 public:
  virtual ~websocket() = default;

  /// Sets the owner that is called; `nullptr` for none. The owner resets it before it is
  /// destroyed.
  virtual void own(websocket_owner* owner) = 0;
  /// Queues a frame; it is written by `flush`, or before it.
  virtual void send(const frame_ptr& frame) = 0;
  /// Queues all frames of a queue, which is left empty.
  virtual void send_all(frame_queue& frames) = 0;
  /// Writes what the kernel takes; the rest follows by itself.
  virtual void flush() = 0;
  /// Returns the bytes of memory held by what the kernel has not taken yet.
  [[nodiscard]] virtual std::size_t queued_bytes() const = 0;
  /// Returns `queued_bytes`, plus the bytes that were read of an incomplete message.
  [[nodiscard]] virtual std::size_t held_bytes() const = 0;
  /// Replaces messages in the queue by gaps; see `frame_queue`.
  virtual frame_queue::skip_counts skip_messages() = 0;
  /// Returns the room that fills most of the queue; see `frame_queue`.
  [[nodiscard]] virtual frame_queue::room_share fullest_room() const = 0;
  /// Writes what is queued and a close frame, and ends; an unresponsive client is dropped after
  /// a short while. The owner is not called any more.
  virtual void close(close_reason reason) = 0;
  /// Ends at once; what is queued is lost. The owner is not called any more.
  virtual void drop() = 0;
};

/// A request for a WebSocket, with the connection it came on.
struct websocket_request {
  io_stream stream;
  http_request request;
  std::string target;    ///< as it stood in the request line
  std::string leftover;  ///< bytes that were read after the request
  census::permit permit; ///< the permit of the socket
};

/// Answers the opening handshake. `ready` gets the WebSocket, may take ownership of it, and
/// then reading begins. It is not called if the request is not a proper handshake: the client
/// gets its HTTP error.
void accept_websocket(io_thread& thread, websocket_request request,
                      std::function<void(const std::shared_ptr<websocket>&)> ready);

} // namespace hubbub
