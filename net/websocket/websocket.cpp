#include "net/websocket/websocket.hpp"

#include "net/io/lingering_close.hpp"
#include "proto/json/text.hpp"

#include <boost/asio/bind_allocator.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace hubbub {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

// A payload that lacks more than this is read into memory of its own connection. Otherwise a
// connection waits, and then reads into memory that its thread's connections share.
constexpr std::size_t shared_read = 512;
// Of a longer payload, the least and the most that space is made for at a time.
constexpr std::size_t least_read = 4'096;
constexpr std::size_t most_read = 16'384;
// Time for a client to take what is queued and to answer the close frame, or to say what it is
// waited for.
constexpr std::chrono::milliseconds close_patience{2'000};

/// Allocates memory that is held as long as the connection is idle. Asio's own allocator reuses
/// any larger piece that it has, which would then be kept.
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

// Opcodes with the bit of a final frame (RFC 6455, 5.2).
constexpr char close_byte = '\x88';
constexpr char pong_byte = '\x8a';

constexpr std::uint16_t normal_closure = 1000;

/// Returns the close code for the end of a session (RFC 6455, 7.4.1).
std::uint16_t to_code(close_reason reason) {
  switch (reason) {
  case close_reason::lease_lost:
  case close_reason::shutdown: return 1001;
  case close_reason::parse_error: return 1002;
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
  case close_reason::server_full:
  case close_reason::slow_reader: break;
  }
  return normal_closure;
}

/// Returns a frame that begins or answers the closing handshake (RFC 6455, section 5.5.1).
frame_ptr close_frame(unsigned code) {
  return raw_frame(
      {close_byte, '\x02', static_cast<char>(code >> 8U), static_cast<char>(code)});
}

/// Returns the answer to a ping: `data` is no longer than a control frame may be.
frame_ptr pong_frame(std::string_view data) {
  std::string wire{pong_byte, static_cast<char>(data.size())};
  wire += data;
  return raw_frame(std::move(wire));
}

} // namespace

websocket::websocket(io_thread& thread, io_stream stream, census::permit permit, bool deflates)
    : transport(thread, std::move(permit)), stream_(std::move(stream)),
      decoder_(
          {thread.config().engine.max_payload, thread.config().bounds.max_fragments, deflates}),
      deflates_(deflates) {}

void websocket::start(std::string_view leftover) {
  if (!ending_) take(leftover);
}

void websocket::send_deflated(const frame_ptr& frame) {
  queue_.push(thread().deflater().deflate(frame));
}

void websocket::give_until(std::chrono::milliseconds patience) {
  thread().timers().set(*this, std::chrono::steady_clock::now() + patience);
}

void websocket::do_read() {
  if (ending_) return;
  const auto missing = decoder_.missing();
  if (missing <= shared_read) {
    buffer_.reset();
    return wait_readable(false);
  }
  // A length is only a claim: memory is made for as much again as has come.
  const auto room = std::min({missing, std::max(least_read, decoder_.held()), most_read});
  if (!buffer_ || buffer_->size() != room) buffer_ = std::make_unique<std::vector<char>>(room);
  stream_.async_read_some(
      asio::buffer(*buffer_),
      asio::bind_allocator(exact_allocator<std::byte>{},
                           [self = shared_from_this()](error_code ec, std::size_t size) {
                             self->on_read(ec, size);
                           }));
}

void websocket::on_read(error_code ec, std::size_t size) {
  if (ending_) return;
  if (ec)
    on_broken(close_reason::transport_error);
  else
    take({buffer_->data(), size});
}

void websocket::wait_readable(bool read_nothing) {
  stream_.async_wait_readable(read_nothing,
                              asio::bind_allocator(exact_allocator<std::byte>{},
                                                   [self = shared_from_this()](error_code ec) {
                                                     self->on_readable(ec);
                                                   }));
}

void websocket::on_readable(error_code ec) {
  if (ending_) return;
  if (ec) return on_broken(close_reason::transport_error);
  const auto space = thread().read_space();
  const auto size = stream_.read_some(asio::buffer(space.data(), space.size()), ec);
  if (ec == asio::error::would_block) return wait_readable(true);
  if (ec) return on_broken(close_reason::transport_error);
  take({space.data(), size});
}

void websocket::take(std::string_view bytes) {
  do {
    auto fed = decoder_.feed(bytes);
    if (!fed) return on_violation(fed.error());
    // Begun before the last message is handled, so that what has arrived with it is read in the
    // same pass.
    auto& input = *fed;
    if (bytes.empty() && !(input && std::holds_alternative<websocket_close>(*input))) do_read();
    if (input) std::visit([this](auto& each) { on_input(std::move(each)); }, *input);
  } while (!bytes.empty() && !ending_);
}

void websocket::on_input(websocket_message message) {
  if (message.compressed) {
    auto plain =
        thread().inflater().inflate(message.data, thread().config().engine.max_payload);
    if (!plain) return on_violation(plain.error());
    message.data = std::move(*plain);
    if (!message.binary && !valid_utf8(message.data))
      return on_violation(websocket_error::bad_text);
  }
  if (owner_ != nullptr)
    return owner_->on_websocket_message(*this, std::move(message.data), message.binary);
  ending_ = true; // this is what `end_after_next_message` has waited for
  flush();
}

void websocket::on_input(const websocket_ping& ping) {
  if (queue_.footprint() > thread().config().max_queue_bytes)
    return on_broken(close_reason::slow_reader);
  queue_.push(pong_frame(ping.data));
  flush();
}

void websocket::on_input(const websocket_close& close) {
  peer_ended_ = true;
  end(close.code.value_or(normal_closure), close_reason::client_close);
}

void websocket::on_violation(websocket_error why) {
  if (owner_ != nullptr) owner_->on_websocket_violation(*this);
  end(close_code_of(why), close_reason::parse_error);
}

/// Sends our half of the closing handshake, since the peer is still there.
void websocket::end(std::uint16_t code, close_reason reason) {
  if (ending_) return;
  say_close(code);
  tell_owner(reason);
}

void websocket::on_broken(close_reason reason) {
  ending_ = true;
  abort();
  tell_owner(reason);
}

void websocket::tell_owner(close_reason reason) {
  if (auto* owner = std::exchange(owner_, nullptr)) owner->on_websocket_closed(*this, reason);
}

void websocket::send_all(frame_queue& frames) {
  if (!deflates_) {
    queue_.append(frames);
    return;
  }
  for (; !frames.empty(); frames.pop())
    send(frames.front());
}

void websocket::flush() {
  if (waiting_ || !stream_.is_open()) return;
  while (!queue_.empty() || stream_.unsent() > 0) {
    const auto space = thread().gather_space();
    const std::span<const asio::const_buffer> buffers = space.first(queue_.gather(space));
    error_code ec;
    const auto written = stream_.write_some(buffers, ec);
    const bool is_all = written == queue_.bytes();
    if (ec && ec != asio::error::would_block) {
      abort(); // then reading fails and tells the owner
      return;
    }
    thread().stats().bytes_sent += written;
    thread().stats().frames_sent += queue_.consume(written);
    if (stream_.unsent() > 0 || (!is_all && written < asio::buffer_size(buffers))) {
      do_wait_writable();
      return;
    }
  }
  if (!ending_) return;
  // Nothing is left to be said or heard (RFC 6455, 7.1.1), so nothing can be lost.
  if (peer_ended_ && !stream_.is_secure()) return abort();
  error_code ignored;
  stream_.socket().cancel(ignored); // a read may be under way
  close_lingering(thread(), std::move(stream_), take_permit());
}

void websocket::do_wait_writable() {
  waiting_ = true;
  stream_.async_wait_writable([self = shared_from_this()](error_code ec) {
    self->waiting_ = false;
    if (!ec) self->flush();
  });
}

void websocket::close(close_reason reason) {
  owner_ = nullptr;
  if (!ending_ && stream_.is_open()) say_close(to_code(reason));
}

/// Queues the close frame; nothing is read any more, and nothing is queued after it.
void websocket::say_close(std::uint16_t code) {
  ending_ = true;
  queue_.push(close_frame(code));
  flush();
  if (stream_.is_open()) give_until(close_patience); // it waits for the client
}

void websocket::drop() {
  owner_ = nullptr;
  ending_ = true;
  abort();
}

void websocket::end_after_next_message() {
  owner_ = nullptr;
  give_until(close_patience);
}

void websocket::abort() {
  stream_.close();
  queue_.clear();
  thread().timers().cancel(*this);
}

} // namespace hubbub
