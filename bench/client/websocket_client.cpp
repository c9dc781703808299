#include "bench/client/websocket_client.hpp"

#include "bench/client/websocket_frame.hpp"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace hubbub::bench {
namespace {

// The server needs neither a random key nor a random mask, since this is not a browser.
constexpr std::string_view upgrade_headers =
    "Connection: Upgrade\r\n"
    "Upgrade: websocket\r\n"
    "Sec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: aHViYnViIG1lYXN1cmVzLg==\r\n\r\n";
constexpr std::uint32_t frame_mask = 0x5a17c3e9;
constexpr std::string_view normal_closure{"\x03\xe8", 2};
constexpr std::size_t longest_response = 16 * 1024;

} // namespace

void websocket_client::start() {
  auto socket = begin_connect(server(), number());
  if (!socket) return on_end(fault::unexpected_close, socket.error());
  socket_ = std::move(*socket);
  upgraded_ = false;
  reads_ = true;
  waits_to_write_ = true;
  watched_ = EPOLLIN | EPOLLOUT;
  setting().loop->watch(socket_.number(), *this, watched_);
}

void websocket_client::write(char engine_type, std::string_view data) {
  append_frame(unsent_, opcode::text, {&engine_type, 1}, data, frame_mask);
  flush_later();
}

void websocket_client::finish() {
  append_frame(unsent_, opcode::close, normal_closure, {}, frame_mask);
  flush_later();
}

void websocket_client::reset() {
  socket_ = file_descriptor{};
  unread_.clear();
  unsent_.clear();
}

void websocket_client::stop_reading() {
  // Otherwise the kernel buffers megabytes that the client does not read.
  const int small = 4'096;
  ::setsockopt(socket_.number(), SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
  reads_ = false;
  watch();
}

void websocket_client::read_some(std::size_t bytes) {
  if (socket_.is_open()) read(bytes);
}

void websocket_client::on_events(std::uint32_t events) {
  if (!socket_.is_open()) return;
  if (current_stage() == stage::connecting && !upgraded_) on_connected();
  if ((events & ~EPOLLOUT) != 0) read(setting().loop->buffer().size());
  if ((events & EPOLLOUT) != 0) flush_later();
}

void websocket_client::on_connected() {
  if (auto error = connect_error(socket_); !error.empty())
    return on_end(fault::unexpected_close, std::move(error));
  upgraded_ = true;
  unsent_.append("GET ")
      .append(setting().words->path)
      .append("?EIO=4&transport=websocket HTTP/1.1\r\nHost: ")
      .append(server().authority)
      .append("\r\n")
      .append(upgrade_headers);
  flush_later();
}

void websocket_client::read(std::size_t at_most) {
  if (!socket_.is_open()) return;
  const auto buffer = setting().loop->buffer();
  const auto count =
      ::recv(socket_.number(), buffer.data(), std::min(at_most, buffer.size()), MSG_DONTWAIT);
  setting().loop->tick();
  if (count == 0) return on_end(fault::unexpected_close, "was cut off by the server");
  if (count < 0) {
    if (errno != EAGAIN) on_end(fault::unexpected_close, system_error("cannot receive"));
    return;
  }
  const std::string_view fresh{buffer.data(), static_cast<std::size_t>(count)};
  if (unread_.empty()) {
    const auto taken = take(fresh);
    if (taken < fresh.size() && socket_.is_open()) unread_ = fresh.substr(taken);
  } else {
    unread_ += fresh;
    // A handler of a packet may clear the unread bytes.
    auto bytes = std::move(unread_);
    unread_.clear();
    const auto taken = take(bytes);
    if (taken < bytes.size() && socket_.is_open()) unread_ = bytes.erase(0, taken);
  }
}

std::size_t websocket_client::take(std::string_view bytes) {
  std::size_t taken = current_stage() == stage::connecting ? take_response(bytes) : 0;
  while (socket_.is_open() && current_stage() != stage::connecting) {
    const auto frame = first_frame(bytes.substr(taken));
    if (frame.state == received_frame::kind::partial) break;
    if (frame.state == received_frame::kind::broken) {
      on_end(fault::protocol_error, "got a frame that no server should send");
      break;
    }
    taken += frame.size;
    if (frame.code == opcode::text)
      on_engine_packet(frame.payload);
    else
      on_frame(static_cast<std::uint8_t>(frame.code), frame.payload);
  }
  return taken;
}

std::size_t websocket_client::take_response(std::string_view bytes) {
  constexpr std::string_view end = "\r\n\r\n";
  const auto at = bytes.find(end);
  if (at == std::string_view::npos) {
    if (bytes.size() > longest_response)
      on_end(fault::protocol_error, "got an endless answer to its upgrade");
    return 0;
  }
  if (!bytes.starts_with("HTTP/1.1 101 ")) {
    on_end(fault::refused,
           "was refused the upgrade: " + std::string{bytes.substr(0, bytes.find('\r'))});
    return 0;
  }
  on_transport_open();
  return at + end.size();
}

void websocket_client::on_frame(std::uint8_t code, std::string_view payload) {
  switch (static_cast<opcode>(code)) {
  case opcode::ping:
    append_frame(unsent_, opcode::pong, payload, {}, frame_mask);
    flush_later();
    break;
  case opcode::pong: break;
  case opcode::close: on_end(fault::unexpected_close, "got a WebSocket close"); break;
  default: on_end(fault::protocol_error, "got a frame of a kind that it did not ask for");
  }
}

void websocket_client::flush_later() {
  if (std::exchange(flushes_, true)) return;
  setting().loop->at_pass_end(*this);
}

void websocket_client::on_pass_end() {
  flushes_ = false;
  // Before the connection is made, nothing is sent, and everything waits for it.
  if (socket_.is_open() && (upgraded_ || current_stage() != stage::connecting)) flush();
}

void websocket_client::flush() {
  if (!unsent_.empty()) {
    const auto sent =
        ::send(socket_.number(), unsent_.data(), unsent_.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0 && errno != EAGAIN)
      return on_end(fault::unexpected_close, system_error("cannot send"));
    if (sent > 0) unsent_.erase(0, static_cast<std::size_t>(sent));
  }
  waits_to_write_ = !unsent_.empty();
  watch();
}

void websocket_client::watch() {
  const auto wanted = (reads_ ? EPOLLIN : 0U) | (waits_to_write_ ? EPOLLOUT : 0U);
  if (wanted == watched_ || !socket_.is_open()) return;
  watched_ = wanted;
  setting().loop->change(socket_.number(), *this, wanted);
}

} // namespace hubbub::bench
