#include "bench/peers/floor/server.hpp"

#include "bench/peers/floor/web_socket.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/signalfd.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <system_error>
#include <utility>

namespace hubbub::floor {
namespace {

using std::chrono::milliseconds;

constexpr int ping_timeout_ms = 20'000;
constexpr std::size_t max_request = 16 * 1024;
// A frame of the largest message that anyone may send, and some room.
constexpr std::size_t max_unread = 1024 * 1024 + 1024;

std::string system_error(std::string_view what) {
  return std::string{what} + ": " + std::generic_category().message(errno);
}

bench::file_descriptor ending_signals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  return bench::file_descriptor{::signalfd(-1, &set, SFD_CLOEXEC)};
}

} // namespace

server::server(chat& rooms, outbox& out, message_log& log, milliseconds ping_interval)
    : chat_(&rooms), out_(&out), log_(&log), ping_interval_(ping_interval),
      epoll_(::epoll_create1(EPOLL_CLOEXEC)), signals_(ending_signals()) {}

expected<std::uint16_t, std::string> server::listen(std::uint16_t port) {
  listener_ =
      bench::file_descriptor{::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
  const int on = 1;
  ::setsockopt(listener_.number(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* const any = reinterpret_cast<sockaddr*>(&address);
  if (::bind(listener_.number(), any, size) != 0 ||
      ::listen(listener_.number(), SOMAXCONN) != 0 ||
      ::getsockname(listener_.number(), any, &size) != 0)
    return unexpected(system_error("cannot listen"));
  watch(listener_, &listener_, EPOLLIN);
  watch(signals_, &signals_, EPOLLIN);
  if (log_->news().is_open()) watch(log_->news(), log_, EPOLLIN);
  return ntohs(address.sin_port);
}

void server::watch(const bench::file_descriptor& what, void* as, std::uint32_t events) {
  epoll_event interest{};
  interest.events = events;
  interest.data.ptr = as;
  ::epoll_ctl(epoll_.number(), EPOLL_CTL_ADD, what.number(), &interest);
}

void server::run() {
  std::array<epoll_event, 4096> events{};
  while (true) {
    const int count = ::epoll_wait(epoll_.number(), events.data(),
                                   static_cast<int>(events.size()), patience());
    for (int i = 0; i < count; ++i) {
      const auto& [what, data] = events[static_cast<std::size_t>(i)];
      if (data.ptr == &signals_) return;
      if (data.ptr == log_) continue; // `end_pass` asks the log in any case
      if (data.ptr == &listener_) {
        accept();
        continue;
      }
      auto& client = *static_cast<connection*>(data.ptr);
      if ((what & EPOLLOUT) != 0) out_->resume(client);
      if ((what & ~static_cast<std::uint32_t>(EPOLLOUT)) != 0) read(client);
    }
    ping();
    end_pass();
  }
}

void server::accept() {
  while (true) {
    bench::file_descriptor socket{
        ::accept4(listener_.number(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC)};
    if (!socket.is_open()) return;
    const int on = 1;
    ::setsockopt(socket.number(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    auto fresh = std::make_shared<connection>();
    fresh->socket = std::move(socket);
    fresh->serial = ++last_serial_;
    fresh->ping_entry = pings_.end();
    watch(fresh->socket, fresh.get(), EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET);
    auto* const key = fresh.get();
    connections_.emplace(key, std::move(fresh));
  }
}

void server::read(connection& from) {
  static std::array<char, std::size_t{64} * 1024> buffer;
  while (!from.closed) {
    const auto got = ::recv(from.socket.number(), buffer.data(), buffer.size(), 0);
    if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return;
    if (got <= 0) return end(from);
    const std::span<char> bytes{buffer.data(), static_cast<std::size_t>(got)};
    if (from.unread.empty()) {
      take(from, bytes);
    } else {
      auto all = std::exchange(from.unread, {});
      all.append(bytes.data(), bytes.size());
      take(from, all);
    }
    if (bytes.size() < buffer.size()) return; // the socket is empty
  }
}

/// Takes complete requests and frames, and keeps the rest.
void server::take(connection& from, std::span<char> bytes) {
  if (!from.upgraded) bytes = bytes.subspan(take_request(from, {bytes.data(), bytes.size()}));
  if (from.upgraded) bytes = bytes.subspan(take_frames(from, bytes));
  if (from.closed) return;
  if (bytes.size() > max_unread) return end(from);
  from.unread.assign(bytes.data(), bytes.size());
}

std::size_t server::take_request(connection& from, std::string_view bytes) {
  constexpr std::string_view blank_line = "\r\n\r\n";
  const auto found = bytes.find(blank_line);
  if (found == std::string_view::npos) {
    if (bytes.size() > max_request) end(from);
    return 0;
  }
  const auto size = found + blank_line.size();
  const auto key = web_socket_key(bytes.substr(0, size));
  const auto response =
      key ? accept_web_socket(*key)
          : std::string{"HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: "
                        "34\r\n\r\n{\"code\":0,\"message\":\"WebSocket only\"}"};
  ::send(from.socket.number(), response.data(), response.size(), MSG_NOSIGNAL);
  if (key)
    open(from);
  else
    end(from);
  return size;
}

void server::open(connection& fresh) {
  fresh.upgraded = true;
  fresh.ping_due = clock::now() + ping_interval_;
  fresh.ping_entry = pings_.insert(pings_.end(), &fresh);
  out_->send(fresh, out_->keep(text_frame(
                        R"(0{"sid":")" + std::to_string(fresh.serial) +
                        R"(","upgrades":[],"pingInterval":)" +
                        std::to_string(ping_interval_.count()) + R"(,"pingTimeout":)" +
                        std::to_string(ping_timeout_ms) + R"(,"maxPayload":1000000})")));
}

std::size_t server::take_frames(connection& from, std::span<char> bytes) {
  std::size_t taken = 0;
  while (!from.closed) {
    client_frame frame;
    const auto how = read_frame(bytes.subspan(taken), frame);
    if (how == reading::incomplete) break;
    if (how == reading::violation || frame.kind == opcode::close) {
      end(from);
      break;
    }
    if (frame.kind == opcode::text) take_packet(from, frame.payload);
    taken += frame.size;
  }
  return taken;
}

/// Handles an Engine.IO packet.
void server::take_packet(connection& from, std::string_view packet) {
  const char type = packet.empty() ? '\0' : packet.front();
  if (type == '3')
    from.awaits_pong = false;
  else if (type != '4' || !chat_->receive(connections_.at(&from), packet.substr(1)))
    end(from);
}

void server::end(connection& ended) {
  if (ended.closed) return;
  ended.closed = true;
  ended_.push_back(&ended);
}

void server::end_pass() {
  log_->end_pass();
  for (const auto& each : log_->take_done())
    chat_->publish(each);
  std::vector<connection*> gone;
  do { // telling others of those that left may be too much for yet another one
    const auto lost = out_->take_lost();
    ended_.insert(ended_.end(), lost.begin(), lost.end());
    for (auto* const each : ended_) {
      chat_->remove(*each);
      if (each->ping_entry != pings_.end()) pings_.erase(each->ping_entry);
    }
    out_->flush();
    gone.insert(gone.end(), ended_.begin(), ended_.end());
    ended_.clear();
  } while (out_->has_lost());
  // Only now, since until the flush the outbox may hold a queue of each.
  for (auto* const each : gone) {
    each->socket = {};
    connections_.erase(each);
  }
}

void server::ping() {
  const auto now = clock::now();
  while (!pings_.empty() && pings_.front()->ping_due <= now) {
    auto& due = *pings_.front();
    pings_.splice(pings_.end(), pings_, pings_.begin());
    due.ping_due = now + ping_interval_;
    if (due.closed) continue;
    if (due.awaits_pong) {
      end(due);
      continue;
    }
    due.awaits_pong = true;
    out_->send(due, out_->keep(text_frame("2")));
  }
}

/// Returns how long the loop may wait, in milliseconds: until the next ping.
int server::patience() const {
  if (pings_.empty()) return -1;
  const auto wait =
      std::chrono::ceil<milliseconds>(pings_.front()->ping_due - clock::now()).count();
  return static_cast<int>(std::max<std::int64_t>(wait, 0));
}

} // namespace hubbub::floor
