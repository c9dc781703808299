#include "tests/bench/faulty_proxy.hpp"

#include "bench/client/websocket_frame.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <stdexcept>
#include <utility>
#include <vector>

namespace hubbub::bench {
namespace {

constexpr std::string_view message_start = R"(42["new_message")";
constexpr std::string_view head_end = "\r\n\r\n";

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

file_descriptor new_socket() {
  return file_descriptor{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
}

void send_all(const file_descriptor& to, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto count = ::send(to.number(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count <= 0) return;
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
}

} // namespace

faulty_proxy::faulty_proxy(std::uint16_t server, mischief what, std::size_t which)
    : server_(server), what_(what), which_(which), listener_(new_socket()),
      stop_(::eventfd(0, EFD_CLOEXEC)) {
  auto address = loopback(0);
  socklen_t size = sizeof address;
  auto* const any = reinterpret_cast<sockaddr*>(&address);
  if (::bind(listener_.number(), any, size) != 0 || ::listen(listener_.number(), 512) != 0 ||
      ::getsockname(listener_.number(), any, &size) != 0)
    throw std::runtime_error{"no proxy"};
  port_ = ntohs(address.sin_port);
  thread_ = std::jthread{[this] { serve(); }};
}

faulty_proxy::~faulty_proxy() {
  const std::uint64_t one = 1;
  if (::write(stop_.number(), &one, sizeof one) != sizeof one) std::terminate();
}

void faulty_proxy::serve() {
  while (true) {
    std::vector<pollfd> waits{{stop_.number(), POLLIN, 0}, {listener_.number(), POLLIN, 0}};
    for (const auto& on : routes_) {
      waits.push_back({on.client.number(), POLLIN, 0});
      const short wanted = stall_left_ > 0 ? 0 : POLLIN;
      waits.push_back({on.server.number(), wanted, 0});
    }
    ::poll(waits.data(), waits.size(), -1);
    if (waits[0].revents != 0) return;
    std::size_t at = 2;
    for (auto& on : routes_) {
      if (waits[at++].revents != 0) take_from_client(on);
      const bool is_readable = waits[at++].revents != 0;
      if (is_readable && stall_left_ == 0 && !on.is_over) take_from_server(on);
    }
    routes_.remove_if([](const route& on) { return on.is_over; });
    if (waits[1].revents != 0) accept();
  }
}

void faulty_proxy::accept() {
  route on;
  on.client = file_descriptor{::accept4(listener_.number(), nullptr, nullptr, SOCK_CLOEXEC)};
  on.server = new_socket();
  const auto address = loopback(server_);
  if (::connect(on.server.number(), reinterpret_cast<const sockaddr*>(&address),
                sizeof address) == 0)
    routes_.push_back(std::move(on));
}

void faulty_proxy::take_from_client(route& on) {
  std::array<char, 16 * 1024> buffer{};
  const auto count = ::recv(on.client.number(), buffer.data(), buffer.size(), 0);
  on.is_over = count <= 0;
  if (count > 0) send_all(on.server, {buffer.data(), static_cast<std::size_t>(count)});
  if (count > 0 && stall_left_ > 0 && --stall_left_ == 0)
    for (auto& each : routes_)
      pass(each);
}

void faulty_proxy::take_from_server(route& on) {
  std::array<char, 16 * 1024> buffer{};
  const auto count = ::recv(on.server.number(), buffer.data(), buffer.size(), 0);
  on.is_over = count <= 0;
  if (count <= 0) return;
  on.unread.append(buffer.data(), static_cast<std::size_t>(count));
  if (!on.is_upgraded) {
    const auto end = on.unread.find(head_end);
    if (end == std::string::npos) return;
    on.is_upgraded = true;
    send_all(on.client, std::string_view{on.unread}.substr(0, end + head_end.size()));
    on.unread.erase(0, end + head_end.size());
  }
  pass(on);
}

void faulty_proxy::pass(route& on) {
  while (!on.is_over && stall_left_ == 0) {
    const auto frame = first_frame(on.unread);
    if (frame.state != received_frame::kind::whole) return;
    const std::string payload{frame.payload};
    auto bytes = on.unread.substr(0, frame.size);
    on.unread.erase(0, frame.size);
    pass_frame(on, std::move(bytes), payload);
  }
}

void faulty_proxy::pass_frame(route& on, std::string frame, std::string_view payload) {
  const bool is_message = payload.starts_with(message_start);
  const auto what = is_message && seen_++ == which_ ? what_ : mischief::none;
  switch (what) {
  case mischief::none:
    send_all(on.client, frame);
    // The next message is of the same sender or of another one: either way the order is wrong.
    if (is_message) send_all(on.client, std::exchange(on.held, {}));
    break;
  case mischief::drop: break;
  case mischief::repeat: send_all(on.client, frame + frame); break;
  case mischief::swap: on.held = std::move(frame); break;
  case mischief::garble: {
    const auto mark = frame.rfind('~'); // the length of a frame may look like one
    if (mark != std::string::npos) frame[mark] = '?';
    send_all(on.client, frame);
    break;
  }
  case mischief::cut: on.is_over = true; break;
  case mischief::stall:
    on.unread.insert(0, frame);
    stall_left_ = stalled_sends;
    break;
  }
}

} // namespace hubbub::bench
