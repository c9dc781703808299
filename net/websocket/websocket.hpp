#pragma once

#include "net/admission/census.hpp"
#include "net/http/http_exchange.hpp"
#include "net/io/io_stream.hpp"
#include "net/io/io_thread.hpp"
#include "net/websocket/frame_queue.hpp"
#include "proto/close_reason.hpp"
#include "proto/websocket/frame.hpp"
#include "proto/websocket/websocket_decoder.hpp"

#include <boost/system/error_code.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hubbub {

class websocket;

/// Receives the events of a WebSocket, on its io thread.
class websocket_owner {
 public:
  virtual void on_websocket_message(websocket& from, std::string data, bool binary) = 0;
  /// Says that the client broke the protocol. What the owner sends now comes before the close
  /// frame; unless it closes the WebSocket itself, `on_websocket_closed` follows.
  virtual void on_websocket_violation(websocket& from) = 0;
  /// Says that the WebSocket is gone; the owner releases it. It is the last call.
  virtual void on_websocket_closed(websocket& from, close_reason reason) = 0;

 protected:
  ~websocket_owner() = default;
};

/// One accepted WebSocket. It answers pings and closes by itself. All frames are written as
/// they are, many at once, from one queue. What every delivery needs is inline and not virtual.
class websocket final : public transport,
                        public timed,
                        public std::enable_shared_from_this<websocket> {
 public:
  websocket(io_thread& thread, io_stream stream, census::permit permit, bool deflates);

  /// Queues the head that answers the opening handshake. It leaves together with the frames
  /// that are queued before the next `flush`.
  void answer(std::string head) { queue_.push(raw_frame(std::move(head))); }
  /// Begins to read; `leftover` holds bytes that were read before.
  void start(std::string_view leftover);
  /// Sets the owner that is called; `nullptr` for none. The owner resets it before it is
  /// destroyed.
  void own(websocket_owner* owner) { owner_ = owner; }
  /// Queues a frame; it is written by `flush`, or before it.
  void send(const frame_ptr& frame) {
    if (ending_) return;
    if (deflates_)
      send_deflated(frame);
    else
      queue_.push(frame);
  }
  /// Queues all frames of a queue, which is left empty.
  void send_all(frame_queue& frames);
  /// Writes what the kernel takes; the rest follows by itself.
  void flush();
  /// Returns the bytes of memory held by what the kernel has not taken yet.
  [[nodiscard]] std::size_t queued_bytes() const {
    return queue_.footprint() + stream_.unsent();
  }
  /// Returns `queued_bytes`, plus the bytes that were read of an incomplete message.
  [[nodiscard]] std::size_t held_bytes() const { return queued_bytes() + decoder_.held(); }
  /// Replaces messages in the queue by gaps; see `frame_queue`.
  frame_queue::skip_counts skip_messages() { return queue_.skip_messages(); }
  /// Returns the room that fills most of the queue; see `frame_queue`.
  [[nodiscard]] frame_queue::room_share fullest_room() const { return queue_.fullest_room(); }
  /// Writes what is queued and a close frame, and ends; an unresponsive client is dropped after
  /// a short while. The owner is not called any more.
  void close(close_reason reason);
  /// Ends at once; what is queued is lost. The owner is not called any more.
  void drop();
  /// Ends without a frame once the client has said something more, or after a short while. The
  /// owner is not called any more.
  void end_after_next_message();

  void drain() override {} // its session ends it
  void abort() override;
  void on_time(steady_time) override { abort(); }

 private:
  using error_code = boost::system::error_code;

  void do_read();
  void on_read(error_code ec, std::size_t size);
  void wait_readable(bool read_nothing);
  void on_readable(error_code ec);
  void take(std::string_view bytes);
  void on_input(websocket_message message);
  void on_input(const websocket_ping& ping);
  void on_input(const websocket_close& close);
  void on_violation(websocket_error why);
  void end(std::uint16_t code, close_reason reason);
  void say_close(std::uint16_t code);
  void on_broken(close_reason reason);
  void tell_owner(close_reason reason);
  void do_wait_writable();
  void send_deflated(const frame_ptr& frame);
  void give_until(std::chrono::milliseconds patience);

  io_stream stream_;
  websocket_decoder decoder_;
  std::unique_ptr<std::vector<char>> buffer_; ///< the memory to read a long payload into
  frame_queue queue_;
  websocket_owner* owner_ = nullptr;
  bool deflates_ = false;   ///< permessage-deflate was negotiated
  bool waiting_ = false;    ///< waiting for the socket to become writable
  bool ending_ = false;     ///< nothing is read or queued any more
  bool peer_ended_ = false; ///< the peer sent its close frame, after which it sends nothing
};

/// A request for a WebSocket, with the connection it came on.
struct websocket_request {
  io_stream stream;
  http_request request;
  std::string leftover;  ///< bytes that were read after the request
  census::permit permit; ///< the permit of the socket
};

} // namespace hubbub
