#include "net/program/supervisor.hpp"

#include "net/program/setting_value.hpp"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

namespace hubbub {
namespace {

std::string_view variable(const char* name) {
  const auto* const value = std::getenv(name);
  return value == nullptr ? std::string_view{} : std::string_view{value};
}

bool is_this_process(std::string_view pid) {
  return parse_whole_number(pid) == std::int64_t{getpid()};
}

/// Connects a socket to the supervisor's; -1 if there is none.
int connect_to(std::string_view path) {
  sockaddr_un address{};
  if (path.empty() || path.size() >= sizeof address.sun_path) return -1;
  if (!path.starts_with('/') && !path.starts_with('@')) return -1;
  address.sun_family = AF_UNIX;
  std::ranges::copy(path, address.sun_path);
  // The name of an abstract socket begins with a zero.
  if (path.starts_with('@')) address.sun_path[0] = '\0';
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size());
  const int made = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (made < 0) return -1;
  if (::connect(made, reinterpret_cast<const sockaddr*>(&address), size) == 0) return made;
  ::close(made);
  return -1;
}

std::string microseconds(std::chrono::nanoseconds time) {
  return std::to_string(std::chrono::duration_cast<std::chrono::microseconds>(time).count());
}

} // namespace

supervisor::supervisor() : socket_(connect_to(variable("NOTIFY_SOCKET"))) {
  const auto time = parse_whole_number(variable("WATCHDOG_USEC"));
  const auto pid = variable("WATCHDOG_PID");
  if (socket_ < 0 || !time || *time <= 0 || (!pid.empty() && !is_this_process(pid))) return;
  const auto interval = std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::microseconds{*time} / 2);
  alive_interval_ = std::clamp<std::chrono::milliseconds>(
      interval, std::chrono::milliseconds{1}, std::chrono::hours{24});
}

supervisor::~supervisor() {
  if (socket_ >= 0) ::close(socket_);
}

void supervisor::send(std::string_view text) const {
  if (socket_ < 0) return;
  // If the supervisor does not listen, it is not for us to wait for it.
  static_cast<void>(::send(socket_, text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT));
}

void supervisor::ready(const std::string& status) const {
  send("READY=1\nSTATUS=" + status);
}

void supervisor::reloading() const {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  send("RELOADING=1\nMONOTONIC_USEC=" + microseconds(now));
}

void supervisor::stopping(std::chrono::milliseconds at_most) const {
  send("STOPPING=1\nSTATUS=stopping\nEXTEND_TIMEOUT_USEC=" + microseconds(at_most));
}

void supervisor::replaced_by(int pid) const {
  send("MAINPID=" + std::to_string(pid));
}

void supervisor::alive() const {
  send("WATCHDOG=1");
}

} // namespace hubbub
