#include "bench/chat_client.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace hubbub::bench {
namespace {

// The server does not need the key to be random, nor the mask; this is no browser.
constexpr std::string_view upgrade_request =
    "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\n"
    "Host: localhost\r\n"
    "Connection: Upgrade\r\n"
    "Upgrade: websocket\r\n"
    "Sec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: aHViYnViIG1lYXN1cmVzLg==\r\n\r\n";
constexpr std::uint32_t frame_mask = 0x5a17c3e9;

constexpr char engine_open = '0';
constexpr char engine_ping = '2';
constexpr char engine_message = '4';
constexpr std::string_view engine_pong = "3";
constexpr std::string_view socket_connected = "0";

std::string reason(int error) {
  return std::generic_category().message(error);
}

} // namespace

void chat_client::connect(int epoll, std::uint16_t port) {
  epoll_ = epoll;
  stage_ = stage::connecting;
  socket_ = file_descriptor{::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
  if (!socket_.is_open()) return lose("no socket: " + reason(errno));
  const int on = 1;
  ::setsockopt(socket_.number(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  sockaddr_in server{};
  server.sin_family = AF_INET;
  server.sin_port = htons(port);
  server.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const auto* address = reinterpret_cast<const sockaddr*>(&server);
  if (::connect(socket_.number(), address, sizeof server) != 0 && errno != EINPROGRESS)
    return lose("cannot connect: " + reason(errno));
  epoll_event event{};
  event.events = EPOLLIN | EPOLLOUT;
  event.data.ptr = this;
  waits_to_write_ = true;
  if (::epoll_ctl(epoll_, EPOLL_CTL_ADD, socket_.number(), &event) != 0)
    lose("cannot be watched: " + reason(errno));
}

void chat_client::send(std::string_view packet) {
  std::string text;
  text.reserve(packet.size() + 1);
  text += engine_message;
  send_engine(text += packet);
}

void chat_client::flush() {
  if (stage_ == stage::lost || stage_ == stage::connecting) return;
  if (!unsent_.empty()) {
    const auto sent =
        ::send(socket_.number(), unsent_.data(), unsent_.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0 && errno != EAGAIN) return lose("cannot send: " + reason(errno));
    if (sent > 0) unsent_.erase(0, static_cast<std::size_t>(sent));
  }
  watch(!unsent_.empty());
}

void chat_client::on_events(std::uint32_t events, std::span<char> buffer) {
  if (stage_ == stage::connecting) on_connected();
  if ((events & ~EPOLLOUT) != 0) read(buffer);
  flush();
}

void chat_client::on_connected() {
  int error = 0;
  socklen_t size = sizeof error;
  ::getsockopt(socket_.number(), SOL_SOCKET, SO_ERROR, &error, &size);
  if (error != 0) return lose("cannot connect: " + reason(error));
  stage_ = stage::upgrading;
  unsent_ = upgrade_request;
}

void chat_client::read(std::span<char> buffer) {
  if (stage_ == stage::lost) return;
  const auto count = ::recv(socket_.number(), buffer.data(), buffer.size(), MSG_DONTWAIT);
  if (count == 0) return lose("the server closed the connection");
  if (count < 0) {
    if (errno != EAGAIN) lose("cannot receive: " + reason(errno));
    return;
  }
  const std::string_view fresh{buffer.data(), static_cast<std::size_t>(count)};
  if (unread_.empty()) {
    unread_ = fresh.substr(take(fresh));
  } else {
    unread_ += fresh;
    unread_.erase(0, take(unread_));
  }
}

std::size_t chat_client::take(std::string_view bytes) {
  std::size_t taken = stage_ == stage::upgrading ? take_response(bytes) : 0;
  while (stage_ == stage::opening || stage_ == stage::open) {
    const auto frame = first_frame(bytes.substr(taken));
    if (!frame) break;
    taken += frame->size;
    switch (frame->kind) {
    case opcode::text: on_text(frame->payload); break;
    case opcode::ping: append_frame(unsent_, opcode::pong, frame->payload, frame_mask); break;
    case opcode::close: lose("the server closed the WebSocket"); break;
    default: lose("the server sent a frame of another kind");
    }
  }
  return taken;
}

std::size_t chat_client::take_response(std::string_view bytes) {
  constexpr std::string_view end = "\r\n\r\n";
  const auto at = bytes.find(end);
  if (at == std::string_view::npos) return 0;
  if (!bytes.starts_with("HTTP/1.1 101 ")) {
    lose("the upgrade was refused: " + std::string{bytes.substr(0, bytes.find('\r'))});
    return 0;
  }
  stage_ = stage::opening;
  return at + end.size();
}

void chat_client::on_text(std::string_view text) {
  if (text.empty()) return lose("the server sent an empty packet");
  const auto data = text.substr(1);
  if (text[0] == engine_ping) {
    send_engine(engine_pong);
  } else if (text[0] == engine_open) {
    send(R"(0{"username":"user-)" + std::to_string(number_) + R"("})");
  } else if (text[0] != engine_message) {
    lose("the server sent " + std::string{text.substr(0, 64)});
  } else if (stage_ == stage::open) {
    owner_->on_packet(*this, data);
  } else if (data.starts_with(socket_connected)) {
    stage_ = stage::open;
    owner_->on_ready(*this);
  } else {
    lose("the namespace was refused: " + std::string{data.substr(0, 64)});
  }
}

void chat_client::send_engine(std::string_view packet) {
  append_frame(unsent_, opcode::text, packet, frame_mask);
}

void chat_client::watch(bool writable) {
  if (writable == waits_to_write_) return;
  waits_to_write_ = writable;
  epoll_event event{};
  event.events = writable ? EPOLLIN | EPOLLOUT : EPOLLIN;
  event.data.ptr = this;
  ::epoll_ctl(epoll_, EPOLL_CTL_MOD, socket_.number(), &event);
}

void chat_client::lose(std::string why) {
  if (stage_ == stage::lost) return;
  stage_ = stage::lost;
  socket_ = {};
  owner_->on_lost(*this, std::move(why));
}

} // namespace hubbub::bench
