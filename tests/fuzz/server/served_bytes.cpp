#include "tests/fuzz/server/served_bytes.hpp"

#include "proto/json/text.hpp"

#include <spdlog/spdlog.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>

namespace hubbub::fuzz {
namespace {

/// Number of runs after which a chat is replaced. A new one costs as much as hundreds of runs,
/// and one of this age is still small.
constexpr int runs_of_a_chat = 5'000;

hubbub_config quiet_chat() {
  hubbub_config config;
  config.server.host = "127.0.0.1";
  config.server.port = 0;
  config.server.io_threads = 1;
  config.server.own_threads = false;
  config.store.path = ":memory:";
  // Whether new clients are let in must not depend on the memory of the machine.
  config.server.bounds.memory_limit = std::size_t{1} << 50U;
  return config;
}

/// Gives a chat a room and a message.
void furnish(served_chat& chat) {
  constexpr std::string_view message = R"({"room":"general","content":"hello"})";
  served_client client{chat};
  client.send("POST /messages HTTP/1.1\r\nHost: x\r\nContent-Length: " +
              std::to_string(message.size()) + "\r\n\r\n" + std::string{message});
  require(client.received().starts_with("HTTP/1.1 201 "), "a message is taken");
}

} // namespace

std::uint8_t script::byte() {
  if (rest_.empty()) return 0;
  const auto first = static_cast<std::uint8_t>(rest_.front());
  rest_.remove_prefix(1);
  return first;
}

std::string_view script::until(char mark) {
  const auto part = rest_.substr(0, rest_.find(mark));
  rest_.remove_prefix(std::min(part.size() + 1, rest_.size()));
  return part;
}

void require(bool kept, const char* promise) {
  if (kept) return;
  std::fprintf(stderr, "broken: %s\n", promise);
  std::abort();
}

served_chat::served_chat() : chat_(system_, quiet_chat()) {
  const auto started = chat_.start();
  require(started.has_value(), "the server starts");
  settle();
}

served_chat::~served_chat() {
  chat_.stop();
  scheduler().run();
}

caf::scheduler::test_coordinator& served_chat::scheduler() {
  return dynamic_cast<caf::scheduler::test_coordinator&>(system_.scheduler());
}

void served_chat::settle() {
  for (bool any = true; any;) {
    any = connections().run_ready();
    any = scheduler().run() > 0 || any;
  }
}

void served_chat::let_pass(std::chrono::seconds time) {
  scheduler().advance_time(time);
  settle();
}

server_stats served_chat::stats() {
  std::optional<server_stats> told;
  connections().collect_stats(connections().thread_handles().front(),
                              [&told](const server_stats& sum) { told = sum; });
  settle();
  require(told.has_value(), "counters are told");
  return *told;
}

served_chat& shared_chat() {
  // The last one lives until the process ends: what it depends on may be destroyed before
  // statics are.
  static served_chat* chat = nullptr;
  spdlog::set_level(spdlog::level::off);
  static int runs = 0;
  if (chat == nullptr || ++runs >= runs_of_a_chat) {
    delete chat;
    chat = new served_chat;
    furnish(*chat);
    runs = 0;
  }
  return *chat;
}

served_client::served_client(served_chat& chat) : chat_(&chat) {
  std::array<int, 2> ends{};
  require(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends.data()) == 0,
          "there are sockets");
  socket_ = ends[0];
  chat.connections().serve(ends[1]);
  chat.settle();
}

served_client::~served_client() {
  ::close(socket_);
  chat_->settle();
}

void served_client::send(std::string_view bytes, std::size_t piece) {
  while (!bytes.empty() && !ended_) {
    const auto size = piece == 0 ? bytes.size() : std::min(piece, bytes.size());
    const auto sent = ::send(socket_, bytes.data(), size, MSG_NOSIGNAL);
    // The server has finished reading, or takes no more for now: neither will change.
    if (sent <= 0) break;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
    receive();
  }
}

void served_client::receive() {
  static std::array<char, 65'536> space;
  for (;;) {
    chat_->settle();
    const auto count = ::recv(socket_, space.data(), space.size(), 0);
    if (count == 0) ended_ = true;
    if (count <= 0) return;
    received_.append(space.data(), static_cast<std::size_t>(count));
  }
}

std::string client_frame(std::uint8_t first_byte, std::string_view payload) {
  constexpr unsigned masked = 0x80;
  std::string frame{static_cast<char>(first_byte)};
  const auto size = payload.size();
  if (size < 126) {
    frame += static_cast<char>(masked | size);
  } else {
    frame += static_cast<char>(masked | 126U);
    frame += static_cast<char>(size >> 8U & 0xffU);
    frame += static_cast<char>(size & 0xffU);
  }
  frame.append(4, '\0');
  frame += payload;
  return frame;
}

std::string upgrade_request(std::string_view sid) {
  std::string request = "GET /socket.io/?EIO=4&transport=websocket";
  if (!sid.empty()) request.append("&sid=").append(sid);
  return request + " HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                   "Sec-WebSocket-Version: 13\r\n"
                   "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
}

std::string checked_frames(std::string_view bytes) {
  std::string said;
  while (bytes.size() >= 2) {
    const auto first = static_cast<std::uint8_t>(bytes[0]);
    const auto opcode = first & 0x0fU;
    std::size_t size = static_cast<std::uint8_t>(bytes[1]);
    require((first & 0xf0U) == 0x80U, "the server sends whole frames without reserved bits");
    require(size < 128, "the server does not mask");
    require(opcode == 1 || opcode == 2 || (opcode >= 8 && opcode <= 10),
            "an opcode that exists");
    const std::size_t more = size == 126 ? 2 : size == 127 ? 8 : 0;
    if (bytes.size() < 2 + more) return said;
    if (more > 0) size = 0;
    for (std::size_t i = 0; i < more; ++i)
      size = size << 8U | static_cast<std::uint8_t>(bytes[2 + i]);
    bytes.remove_prefix(2 + more);
    if (bytes.size() < size) return said;
    const auto payload = bytes.substr(0, size);
    bytes.remove_prefix(size);
    require(opcode < 8 || size < 126, "a control frame is short");
    if (opcode != 1) continue;
    require(valid_utf8(payload), "text is UTF-8");
    said.append(payload).append("\n");
  }
  return said;
}

void check_answer(std::string_view bytes) {
  if (bytes.empty()) return;
  constexpr std::string_view version = "HTTP/1.";
  require(bytes.starts_with(version), "an answer begins with its version");
  require(bytes.size() > 12 && bytes[8] == ' ', "an answer has a status");
  require(bytes.substr(9, 3) != "500", "no request is too much for the server");
  require(bytes.find("\r\n\r\n") != std::string_view::npos, "an answer's head has an end");
}

} // namespace hubbub::fuzz
