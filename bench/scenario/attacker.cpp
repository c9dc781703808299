#include "bench/scenario/attacker.hpp"

#include "bench/client/chat_codec.hpp"
#include "bench/client/websocket_frame.hpp"
#include "bench/scenario/crowd.hpp"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <cerrno>
#include <utility>

namespace hubbub::bench {
namespace {

using std::chrono::milliseconds;

constexpr std::uint32_t frame_mask = 0x5a17c3e9;
/// Pause of a refused attacker, which tries again, but not in a tight loop.
constexpr milliseconds pause_when_refused{200};
constexpr milliseconds reset_after{20};
constexpr std::size_t fragments_at_once = 50;
/// The head of a frame that announces a long payload and never ends.
constexpr std::string_view long_frame{"\x81\xfe\xc3\x50\0\0\0\0004", 9};
/// Maximum number of unsent bytes: no server has to keep more for its slowest client; above it
/// the attacker just waits.
constexpr std::size_t most_unsent = 65'536;

std::string request(std::string_view method, std::string_view target, const endpoint& server,
                    std::string_view headers) {
  std::string text{method};
  text.append(" ").append(target).append(" HTTP/1.1\r\nHost: ").append(server.authority);
  return text.append("\r\n").append(headers);
}

std::string upgrade(const endpoint& server, const dialect& words) {
  return request("GET", words.path + "?EIO=4&transport=websocket", server,
                 "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                 "Sec-WebSocket-Key: aHViYnViIG1lYXN1cmVzLg==\r\n\r\n");
}

std::string packet(std::string_view socket_io) {
  std::string frame;
  append_frame(frame, opcode::text, "4", socket_io, frame_mask);
  return frame;
}

/// Returns the frame as one of several fragments, the first or a later one.
std::string fragment(std::string frame, bool is_first) {
  frame[0] = is_first ? '\x01' : '\0';
  return frame;
}

std::string tiny_fragments() {
  std::string one;
  append_frame(one, opcode::text, "x", {}, frame_mask);
  one = fragment(one, false);
  std::string all;
  for (std::size_t i = 0; i < fragments_at_once; ++i)
    all += one;
  return all;
}

auto always(std::string bytes) {
  return [bytes = std::move(bytes)](std::uint64_t) { return bytes; };
}

} // namespace

std::vector<attack> attacks_on(const endpoint& server, const dialect& words,
                               const std::string& room) {
  // Numbers far from those of the measured clients.
  constexpr std::size_t joiner = 10'000'000;
  const auto websocket = upgrade(server, words);
  const auto connect = packet("0{\"" + words.auth_username + "\":\"nuisance\"}");
  const chat_writer writer{words};
  const auto deaf = websocket + connect + packet(writer.join(join_ack, joiner, room, {}));
  auto make_room = [writer, room](std::uint64_t count) {
    const auto name = room + "-made-" + std::to_string(count);
    return packet(writer.join(first_free_ack, joiner, name, {})) +
           packet(writer.leave(leave_ack, name));
  };
  const auto poll = request("GET", words.path + "?EIO=4&transport=polling", server, "\r\n");
  return {
      {"heads without end", request("GET", "/", server, "X: "), always("x")},
      {"bodies without end", request("POST", "/", server, "Content-Length: 50000\r\n\r\n{"),
       always(" ")},
      {"frames without end", websocket + std::string{long_frame}, always("x")},
      {"fragments without end", websocket + fragment(packet("x"), true),
       always(tiny_fragments()), milliseconds{20}},
      {"WebSockets that say nothing", websocket, {}},
      {"sessions that never poll", poll, {}},
      {"members that never read", deaf, {}, milliseconds{100}, false},
      {"rooms without end", websocket + connect, std::move(make_room), milliseconds{20}},
      {"reconnects without end", websocket + connect, {}, reset_after, true, true},
  };
}

attacker::attacker(event_loop& loop, const endpoint& server, const attack& what,
                   std::size_t number)
    : loop_(&loop), server_(&server), what_(&what), number_(number) {}

void attacker::begin() {
  if (is_over_) return;
  ++life_;
  said_ = 0;
  is_connected_ = false;
  unsent_.clear();
  auto socket = begin_connect(*server_, number_);
  if (!socket) return begin_later(pause_when_refused);
  ++connects_;
  socket_ = std::move(*socket);
  if (!what_->reads) {
    const int small = 4'096;
    ::setsockopt(socket_.number(), SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
  }
  unsent_ = what_->opening;
  loop_->watch(socket_.number(), *this, EPOLLIN | EPOLLOUT);
}

void attacker::end() {
  is_over_ = true;
  socket_ = file_descriptor{};
}

void attacker::on_events(std::uint32_t events) {
  if (!socket_.is_open()) return;
  if (!is_connected_ && (events & EPOLLOUT) != 0) {
    is_connected_ = true;
    // For an attacker that does not read, only the end of the connection matters.
    loop_->change(socket_.number(), *this, what_->reads ? EPOLLIN : EPOLLRDHUP);
    write({});
    loop_->at(loop_->now() + what_->pace, [this, life = life_] { go_on(life); });
  }
  const bool ended = (events & (EPOLLERR | EPOLLHUP | EPOLLRDHUP)) != 0;
  if (ended || ((events & EPOLLIN) != 0 && !read())) {
    ++refusals_;
    begin_later(pause_when_refused);
  }
}

void attacker::go_on(std::uint64_t life) {
  if (life != life_ || !socket_.is_open()) return;
  if (what_->resets) {
    reset();
    return begin();
  }
  write(what_->more && unsent_.size() < most_unsent ? what_->more(said_++) : std::string{});
  loop_->at(loop_->now() + what_->pace, [this, life] { go_on(life); });
}

void attacker::begin_later(milliseconds pause) {
  ++life_;
  socket_ = file_descriptor{};
  loop_->at(loop_->now() + pause, [this, life = life_] {
    if (life == life_) begin();
  });
}

/// Writes; what the socket does not take now waits for the next time.
void attacker::write(std::string_view bytes) {
  unsent_ += bytes;
  if (unsent_.empty()) return;
  const auto sent =
      ::send(socket_.number(), unsent_.data(), unsent_.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  if (sent > 0) unsent_.erase(0, static_cast<std::size_t>(sent));
}

/// Reads and drops what the server sends; false at the end of the connection.
bool attacker::read() {
  const auto space = loop_->buffer();
  const auto count = ::recv(socket_.number(), space.data(), space.size(), MSG_DONTWAIT);
  return count > 0 || (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK));
}

void attacker::reset() {
  const linger at_once{1, 0};
  ::setsockopt(socket_.number(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  socket_ = file_descriptor{};
}

} // namespace hubbub::bench
