#include "net/program/successor.hpp"

#include "net/program/predecessor.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

namespace hubbub {
namespace {

/// The descriptor of the channel in the new process: the first after the standard ones.
constexpr int inherited_channel = 3;
/// The exit status of a process whose program could not be started, as of a shell.
constexpr int not_started = 127;
/// The exit status of one that could not close what it must not have.
constexpr int not_closed = 126;

/// How often, and how far apart, is looked whether a process has ended that is about to.
constexpr int looks_at_the_end = 200;
constexpr std::chrono::milliseconds between_looks{5};

/// Returns the arguments of this process.
std::vector<std::string> own_arguments() {
  std::ifstream file{"/proc/self/cmdline", std::ios::binary};
  const std::string all{std::istreambuf_iterator<char>{file}, {}};
  std::vector<std::string> arguments;
  for (std::size_t at = 0; at < all.size();) {
    const auto end = std::min(all.find('\0', at), all.size());
    arguments.push_back(all.substr(at, end - at));
    at = end + 1;
  }
  return arguments;
}

/// Returns where the program lies, as a shell would find it; empty if nowhere.
std::string find_program(const std::string& name) {
  if (name.find('/') != std::string::npos) return name;
  const auto* const path = std::getenv("PATH");
  std::string_view left = path == nullptr ? "/usr/local/bin:/usr/bin:/bin" : path;
  while (!left.empty()) {
    const auto end = std::min(left.find(':'), left.size());
    auto candidate = std::string{left.substr(0, end)} + "/" + name;
    if (::access(candidate.c_str(), X_OK) == 0) return candidate;
    left.remove_prefix(std::min(end + 1, left.size()));
  }
  return {};
}

/// Returns the environment of the new process. What a supervisor said to this process by its
/// number is not for that one.
std::vector<std::string> environment_of_successor() {
  std::vector<std::string> variables;
  for (auto** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text{*entry};
    if (!text.starts_with("LISTEN_") && !text.starts_with("WATCHDOG_PID="))
      variables.emplace_back(text);
  }
  variables.push_back(std::string{predecessor_variable} + "=" +
                      std::to_string(inherited_channel));
  return variables;
}

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  pointers.reserve(texts.size() + 1);
  for (auto& each : texts)
    pointers.push_back(each.data());
  pointers.push_back(nullptr);
  return pointers;
}

/// Becomes the program, in the new process, where nothing may be called that takes a lock: a
/// thread that is not there may have it.
[[noreturn]] void become(const char* program, char* const* arguments, char* const* variables,
                         int channel, const sigset_t& signals) {
  if (channel == inherited_channel)
    ::fcntl(channel, F_SETFD, 0);
  else
    ::dup2(channel, inherited_channel);
  // Sockets of clients would otherwise stay open with the new process.
  if (::close_range(inherited_channel + 1, ~0U, 0) != 0) ::_exit(not_closed);
  ::sigprocmask(SIG_SETMASK, &signals, nullptr);
  ::execve(program, arguments, variables);
  ::_exit(not_started);
}

} // namespace

expected<std::unique_ptr<successor>, std::string>
successor::launch(boost::asio::io_context& io) {
  auto texts = own_arguments();
  if (texts.empty())
    return unexpected<std::string>("the program's own name is unknown (/proc is needed)");
  const auto program = find_program(texts.front());
  if (program.empty() || ::access(program.c_str(), X_OK) != 0)
    return unexpected("the program " + texts.front() + " is not there any more");
  auto variables = environment_of_successor();
  const auto arguments = pointers_to(texts);
  const auto environment = pointers_to(variables);
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0)
    return unexpected("no process can be started: " + std::generic_category().message(errno));
  // A signal that arrives before the program is there would be taken for one to this process.
  sigset_t all;
  sigset_t usual;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &usual);
  const auto pid = ::fork();
  if (pid == 0) become(program.c_str(), arguments.data(), environment.data(), ends[1], usual);
  const auto error = errno;
  ::pthread_sigmask(SIG_SETMASK, &usual, nullptr);
  ::close(ends[1]);
  if (pid < 0) {
    ::close(ends[0]);
    return unexpected("no process can be started: " + std::generic_category().message(error));
  }
  return std::unique_ptr<successor>{new successor{io, ends[0], pid}};
}

successor::successor(boost::asio::io_context& io, int descriptor, pid_t pid)
    : pid_(pid), channel_(descriptor), readable_(io, ::fcntl(descriptor, F_DUPFD_CLOEXEC, 0)),
      timer_(io) {}

successor::~successor() {
  if (lets_go_ || !fate().empty()) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

void successor::await(std::chrono::milliseconds at_most,
                      std::function<void(std::optional<handover_message>)> on_message) {
  on_message_ = std::move(on_message);
  const auto tell = [this](std::optional<handover_message> message) {
    timer_.cancel();
    if (const auto act = std::exchange(on_message_, nullptr)) act(std::move(message));
  };
  readable_.async_wait(
      boost::asio::posix::stream_descriptor::wait_read,
      [this, tell, exists = std::weak_ptr{exists_}](boost::system::error_code e) {
        if (!e && !exists.expired() && on_message_) tell(channel_.receive());
      });
  if (at_most.count() == 0) return;
  timer_.expires_after(at_most);
  timer_.async_wait([this, tell, exists = std::weak_ptr{exists_}](boost::system::error_code e) {
    if (e || exists.expired() || !on_message_) return;
    readable_.cancel();
    tell(std::nullopt);
  });
}

std::string successor::fate(bool is_ending) {
  for (int left = is_ending ? looks_at_the_end : 1; left > 0 && !has_ended_; --left) {
    has_ended_ = ::waitpid(pid_, &status_, WNOHANG) == pid_;
    if (!has_ended_ && left > 1) std::this_thread::sleep_for(between_looks);
  }
  if (!has_ended_) return {};
  if (WIFSIGNALED(status_)) return "was ended by signal " + std::to_string(WTERMSIG(status_));
  const auto code = WEXITSTATUS(status_);
  if (code == not_closed)
    return "could not be started without this one's sockets (close_range)";
  return code == not_started ? std::string{"could not be started"}
                             : "ended with status " + std::to_string(code);
}

void successor::stop() const {
  ::kill(pid_, SIGTERM);
}

} // namespace hubbub
