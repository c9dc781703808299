#include "net/websocket.hpp"

#include "net/deflate_offer.hpp"
#include "net/frame_queue.hpp"
#include "net/io_thread.hpp"
#include "net/lingering_close.hpp"
#include "net/websocket_shim.hpp"

#include <boost/asio/bind_allocator.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/websocket.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace hubbub {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using boost::system::error_code;

// Read into this much where nothing is known of the next message: every idle connection holds
// it. Who sends more has room for that from then on.
constexpr std::size_t first_read = 64;
constexpr std::size_t next_read = 256;
// Of a message that is longer, what is made room for at a time at least.
constexpr std::size_t read_step = 4'096;
// A read buffer that grew past this is given back after the message.
constexpr std::size_t kept_buffer = 1'024;
// For a client to take what is queued and to answer the close frame.
constexpr std::chrono::milliseconds close_patience{2'000};

/// For what waits as long as the connection is idle. Asio's own hands out whatever larger piece
/// it has at hand, which then would be kept.
template <class T>
struct exact_allocator {
  using value_type = T;
  exact_allocator() = default;
  template <class U>
  exact_allocator(const exact_allocator<U>&) {} // NOLINT(google-explicit-constructor)
  T* allocate(std::size_t count) { return std::allocator<T>{}.allocate(count); }
  void deallocate(T* at, std::size_t count) { std::allocator<T>{}.deallocate(at, count); }
  friend bool operator==(exact_allocator, exact_allocator) { return true; }
};

// A close frame with code 1008, for what Beast does not close by itself.
constexpr std::string_view policy_violation = "\x88\x02\x03\xf0";

close_reason to_reason(error_code ec) {
  namespace ws = beast::websocket;
  if (ec == ws::error::closed) return close_reason::client_close;
  if (ec == ws::error::message_too_big || ec == ws::condition::protocol_violation)
    return close_reason::parse_error;
  if (ec == asio::error::no_buffer_space) return close_reason::slow_reader;
  if (ec == websocket_shim::too_many_fragments()) return close_reason::parse_error;
  return close_reason::transport_error;
}

beast::websocket::close_code to_code(close_reason reason) {
  switch (reason) {
  case close_reason::shutdown: return beast::websocket::close_code::going_away;
  case close_reason::parse_error: return beast::websocket::close_code::protocol_error;
  case close_reason::client_close:
  case close_reason::client_disconnect:
  case close_reason::token_expired:
  case close_reason::superseded:
  case close_reason::transport_error:
  case close_reason::ping_timeout:
  case close_reason::duplicate_poll:
  case close_reason::connect_timeout:
  case close_reason::connect_refused:
  case close_reason::server_disconnect:
  case close_reason::rate_limited:
  case close_reason::slow_reader: break;
  }
  return beast::websocket::close_code::normal;
}

using handshake_request = beast::http::request<beast::http::empty_body>;

constexpr std::string_view extensions = "sec-websocket-extensions";

/// Beast leaves out that the window is as large as can be, which who asked for it must hear.
void confirm_window(beast::websocket::response_type& answer) {
  constexpr auto field = beast::http::field::sec_websocket_extensions;
  auto text = std::string{answer[field]};
  if (text.empty()) return;
  answer.set(field, text += "; server_max_window_bits=15");
}

/// A frame that begins the closing handshake (RFC 6455, section 5.5.1).
frame_ptr close_frame(close_reason reason) {
  const auto code = static_cast<unsigned>(to_code(reason));
  return raw_frame({'\x88', '\x02', static_cast<char>(code >> 8U), static_cast<char>(code)});
}

bool is_close_frame(std::string_view frame) {
  constexpr unsigned opcode_bits = 0x0f;
  return !frame.empty() && (static_cast<unsigned char>(frame[0]) & opcode_bits) == 8;
}

class websocket_stream final : public websocket,
                               public transport,
                               public timed,
                               public std::enable_shared_from_this<websocket_stream> {
 public:
  using ready_handler = std::function<void(const std::shared_ptr<websocket>&)>;

  websocket_stream(io_thread& thread, io_stream stream, std::string leftover, census::seat seat,
                   ready_handler ready)
      : transport(thread, std::move(seat)),
        ws_(std::move(stream), std::move(leftover), thread.config().bounds.max_fragments),
        ready_(std::move(ready)) {}

  void accept(const http_request& request, std::string_view target);

  void own(websocket_owner* owner) override { owner_ = owner; }
  void send(const frame_ptr& frame) override {
    if (!ending_) queue_.push(deflates_ ? thread().deflater().deflate(frame) : frame);
  }
  void send_all(frame_queue& frames) override;
  void flush() override;
  [[nodiscard]] std::size_t queued_bytes() const override {
    return queue_.footprint() + ws_.next_layer().stream().unsent();
  }
  [[nodiscard]] std::size_t held_bytes() const override {
    return queued_bytes() + buffer_.size();
  }
  frame_queue::skip_counts skip_messages() override { return queue_.skip_messages(); }
  void close(close_reason reason) override;
  void drop() override;

  void drain() override {} // its session ends it
  void abort() override;
  void on_time(steady_time) override { abort(); }

 private:
  void take_offer(const http_request& request, handshake_request& handshake);
  void on_accept(error_code ec);
  void do_read();
  void on_read(error_code ec, std::size_t size);
  void on_message();
  void on_end(error_code ec);
  void do_wait_writable();
  [[nodiscard]] bool queue_control(std::string frame);
  void give_until(std::chrono::milliseconds patience) {
    thread().timers().set(*this, std::chrono::steady_clock::now() + patience);
  }
  io_stream& stream() { return ws_.next_layer().stream(); }

  beast::websocket::stream<websocket_shim, true> ws_;
  beast::flat_buffer buffer_;
  frame_queue queue_;
  websocket_owner* owner_ = nullptr;
  ready_handler ready_;
  bool deflates_ = false;   ///< permessage-deflate was negotiated
  bool waiting_ = false;    ///< for the socket to become writable
  bool ending_ = false;     ///< nothing is read any more; what is queued still goes out
  bool said_close_ = false; ///< a close frame was queued, behind which there is nothing
};

void websocket_stream::accept(const http_request& request, std::string_view target) {
  handshake_request handshake{beast::http::verb::get, {target.data(), target.size()}, 11};
  for (const auto& [name, value] : request.headers)
    if (name != extensions) handshake.insert(name, value);
  if (thread().config().compression) take_offer(request, handshake);

  error_code ec;
  stream().socket().non_blocking(true, ec);
  if (ec) return;
  ws_.read_message_max(thread().config().engine.max_payload);
  give_until(thread().config().header_timeout);
  ws_.async_accept(handshake,
                   [self = shared_from_this()](error_code result) { self->on_accept(result); });
}

void websocket_stream::take_offer(const http_request& request, handshake_request& handshake) {
  const auto offer = choose_deflate_offer(request.header_values(extensions));
  if (!offer) return;
  handshake.set(beast::http::field::sec_websocket_extensions, offer->text);
  beast::websocket::permessage_deflate ours;
  ours.server_enable = true;
  // So that a message can be compressed once for all; and no client has a window held for it.
  ours.server_no_context_takeover = true;
  ours.client_no_context_takeover = true;
  ws_.set_option(ours);
  if (offer->names_window)
    ws_.set_option(beast::websocket::stream_base::decorator(
        [](beast::websocket::response_type& answer) { confirm_window(answer); }));
  deflates_ = true;
}

void websocket_stream::on_accept(error_code ec) {
  const auto ready = std::exchange(ready_, nullptr);
  if (ec) {
    on_end(ec);
    return;
  }
  thread().timers().cancel(*this);
  ws_.next_layer().divert_writes(
      [this](std::string frame) { return queue_control(std::move(frame)); });
  ready(shared_from_this());
  do_read();
}

void websocket_stream::do_read() {
  if (ending_) return;
  const auto first = buffer_.capacity() > first_read ? next_read : first_read;
  // A length is only a claim: room is made for as much again as has come.
  const auto room = buffer_.size() == 0 ? first
                                        : std::min(ws_.read_size_hint(next_read),
                                                   std::max(read_step, buffer_.size()));
  ws_.async_read_some(
      buffer_.prepare(room),
      asio::bind_allocator(exact_allocator<std::byte>{},
                           [self = shared_from_this()](error_code ec, std::size_t size) {
                             self->on_read(ec, size);
                           }));
}

void websocket_stream::on_read(error_code ec, std::size_t size) {
  if (ending_) return;
  buffer_.commit(size);
  if (ec) {
    on_end(ec);
    return;
  }
  if (ws_.is_message_done())
    on_message();
  else
    do_read();
}

void websocket_stream::on_message() {
  const auto bytes = buffer_.cdata();
  std::string data{static_cast<const char*>(bytes.data()), bytes.size()};
  const auto binary = ws_.got_binary();
  buffer_.clear();
  if (buffer_.capacity() > kept_buffer) buffer_.shrink_to_fit();
  // First, so that a message that has come along already is read in the same pass.
  do_read();
  if (owner_ != nullptr) owner_->on_websocket_message(*this, std::move(data), binary);
}

void websocket_stream::on_end(error_code ec) {
  const auto reason = to_reason(ec);
  if (reason == close_reason::client_close || reason == close_reason::parse_error) {
    // The peer is there: it gets our half of the closing handshake.
    ending_ = true;
    if (ec == websocket_shim::too_many_fragments() && !std::exchange(said_close_, true))
      queue_.push(raw_frame(std::string{policy_violation}));
    give_until(close_patience);
    flush();
  } else {
    abort();
  }
  if (auto* owner = std::exchange(owner_, nullptr)) owner->on_websocket_closed(*this, reason);
}

void websocket_stream::send_all(frame_queue& frames) {
  if (!deflates_) {
    queue_.append(frames);
    return;
  }
  for (; !frames.empty(); frames.pop())
    send(frames.front());
}

void websocket_stream::flush() {
  if (waiting_ || !stream().is_open()) return;
  while (!queue_.empty() || stream().unsent() > 0) {
    const auto space = thread().gather_space();
    const std::span<const asio::const_buffer> buffers = space.first(queue_.gather(space));
    error_code ec;
    const auto written = stream().write_some(buffers, ec);
    if (ec && ec != asio::error::would_block) {
      abort(); // reading fails then, and tells the owner
      return;
    }
    thread().stats().bytes_sent += written;
    thread().stats().frames_sent += queue_.consume(written);
    if (written < asio::buffer_size(buffers) || stream().unsent() > 0) {
      do_wait_writable();
      return;
    }
  }
  if (!ending_) return;
  error_code ignored;
  stream().socket().cancel(ignored); // a read may be under way
  close_lingering(thread(), std::move(stream()), take_seat());
}

void websocket_stream::do_wait_writable() {
  waiting_ = true;
  stream().async_wait_writable([self = shared_from_this()](error_code ec) {
    self->waiting_ = false;
    if (!ec) self->flush();
  });
}

bool websocket_stream::queue_control(std::string frame) {
  if (queue_.footprint() > thread().config().max_queue_bytes) return false;
  if (said_close_) return true;
  said_close_ = is_close_frame(frame);
  queue_.push(raw_frame(std::move(frame)));
  flush();
  return true;
}

void websocket_stream::close(close_reason reason) {
  owner_ = nullptr;
  if (ending_ || !stream().is_open()) return;
  // Not Beast's async_close: that waits for the reading operation, which waits for it in turn
  // if the peer breaks the protocol just then, and neither ever ends.
  ending_ = true;
  if (!std::exchange(said_close_, true)) queue_.push(close_frame(reason));
  give_until(close_patience);
  flush();
}

void websocket_stream::drop() {
  owner_ = nullptr;
  abort();
}

void websocket_stream::abort() {
  stream().close();
  queue_.clear();
  thread().timers().cancel(*this);
}

} // namespace

void accept_websocket(io_thread& thread, websocket_request request,
                      std::function<void(const std::shared_ptr<websocket>&)> ready) {
  std::make_shared<websocket_stream>(thread, std::move(request.stream),
                                     std::move(request.leftover), std::move(request.seat),
                                     std::move(ready))
      ->accept(request.request, request.target);
}

} // namespace hubbub
