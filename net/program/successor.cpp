#include "net/program/successor.hpp"

#include "net/program/predecessor.hpp"
#include "net/program/process_signals.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
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

/// How long a process that is about to end is given for it.
constexpr std::chrono::milliseconds time_to_end{1'000};

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

// The C library's header for these (2.36) declares them as if they were functions of C++.

/// Returns a descriptor that means this process, also after its end; -1 on an error.
int descriptor_of(pid_t pid) {
  return static_cast<int>(::syscall(SYS_pidfd_open, pid, 0));
}

void send_signal(int process, int signal) {
  ::syscall(SYS_pidfd_send_signal, process, signal, nullptr, 0);
}

/// What a child may use of what its parent has prepared, since it may not allocate.
struct start_of_program {
  const char* program;
  char* const* arguments;
  char* const* variables;
  int channel;      ///< the new process's end
  int reports;      ///< the guardian's end
  sigset_t signals; ///< the mask of the new process
};

/// Becomes the program, in the new process, where nothing may be called that takes a lock: a
/// thread that is not there may have it.
[[noreturn]] void become(const start_of_program& start) {
  if (start.channel == inherited_channel)
    ::fcntl(start.channel, F_SETFD, 0);
  else
    ::dup2(start.channel, inherited_channel);
  // Sockets of clients would otherwise stay open with the new process.
  if (::close_range(inherited_channel + 1, ~0U, 0) != 0) ::_exit(not_closed);
  ::sigprocmask(SIG_SETMASK, &start.signals, nullptr);
  ::execve(start.program, start.arguments, start.variables);
  ::_exit(not_started);
}

/// Starts the new process and stays its parent: tells its number, and how it ended if it does.
/// Ends once nobody listens, which leaves the new process to the first process of the system.
/// Must not take a lock, as the above.
[[noreturn]] void guard(const start_of_program& start) {
  const auto pid = ::_Fork();
  if (pid == 0) become(start);
  const auto listener = static_cast<unsigned>(start.reports);
  if (listener > 0) ::close_range(0, listener - 1, 0);
  ::close_range(listener + 1, ~0U, 0);
  const int number = pid < 0 ? -errno : pid;
  ::send(start.reports, &number, sizeof number, MSG_NOSIGNAL);
  if (pid < 0) ::_exit(EXIT_FAILURE);
  std::array<pollfd, 2> watched{{{descriptor_of(pid), POLLIN, 0}, {start.reports, POLLIN, 0}}};
  while (::poll(watched.data(), watched.size(), -1) <= 0) {
  }
  if (watched[1].revents == 0) {
    // Its number stays its own until the end of this process.
    siginfo_t end{};
    ::waitid(P_PID, static_cast<id_t>(pid), &end, WEXITED | WNOWAIT);
    const int status = end.si_code == CLD_EXITED ? end.si_status : -end.si_status;
    ::send(start.reports, &status, sizeof status, MSG_NOSIGNAL);
    char nothing = 0;
    while (::recv(start.reports, &nothing, sizeof nothing, 0) < 0 && errno == EINTR) {
    }
  }
  ::_exit(EXIT_SUCCESS);
}

/// Returns the next number that the guardian tells; nothing if it is gone.
std::optional<int> told_by(int reports) {
  int number = 0;
  ssize_t size = 0;
  do {
    size = ::recv(reports, &number, sizeof number, 0);
  } while (size < 0 && errno == EINTR);
  if (size != static_cast<ssize_t>(sizeof number)) return std::nullopt;
  return number;
}

void await_child(pid_t child) {
  while (::waitpid(child, nullptr, 0) < 0 && errno == EINTR) {
  }
}

unexpected<std::string> no_process(int error) {
  return unexpected("no process can be started: " + std::generic_category().message(error));
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
  std::array<int, 2> reports{};
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0)
    return no_process(errno);
  handover_channel ours{ends[0]};
  handover_channel theirs{ends[1]};
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, reports.data()) != 0)
    return no_process(errno);
  // A signal that arrives before the program is there would be taken for one to this process.
  start_of_program start{program.c_str(), arguments.data(), environment.data(),
                         ends[1],         reports[1],       {}};
  sigset_t all;
  ::sigfillset(&all);
  sigset_t own;
  ::pthread_sigmask(SIG_SETMASK, &all, &own);
  start.signals = own;
  // An older version has handlers for these, which run only if they are not blocked.
  for (const auto each : process_signals::awaited)
    ::sigdelset(&start.signals, each);
  const auto guardian = ::fork();
  if (guardian == 0) guard(start);
  const auto error = errno;
  ::pthread_sigmask(SIG_SETMASK, &own, nullptr);
  ::close(reports[1]);
  const auto pid = guardian < 0 ? std::optional{-error} : told_by(reports[0]);
  // The number is that process's own as long as its parent has not been let go.
  const int process = pid.value_or(0) > 0 ? descriptor_of(*pid) : -1;
  if (process < 0) {
    const auto why = pid.value_or(0) > 0 ? errno : -pid.value_or(-ECHILD);
    ::close(reports[0]);
    if (guardian > 0) await_child(guardian);
    return no_process(why);
  }
  return std::unique_ptr<successor>{
      new successor{io, std::move(ours), {*pid, process, guardian, reports[0]}}};
}

successor::successor(boost::asio::io_context& io, handover_channel channel,
                     const handles& process)
    : process_(process), channel_(std::move(channel)),
      readable_(io, ::fcntl(channel_.descriptor(), F_DUPFD_CLOEXEC, 0)), timer_(io) {}

successor::~successor() {
  if (!lets_go_ && fate().empty()) {
    send_signal(process_.descriptor, SIGKILL);
    has_ended_within(std::chrono::milliseconds{-1});
  }
  dismiss_guardian();
  ::close(process_.descriptor);
}

void successor::dismiss_guardian() {
  if (process_.guardian == 0) return;
  ::close(process_.reports);
  await_child(std::exchange(process_.guardian, 0));
}

/// Looks whether it ends in this time; -1: waits for it.
bool successor::has_ended_within(std::chrono::milliseconds time) {
  pollfd watched{process_.descriptor, POLLIN, 0};
  int found = 0;
  do {
    found = ::poll(&watched, 1, static_cast<int>(time.count()));
  } while (found < 0 && errno == EINTR);
  return found > 0;
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
  if (!has_ended_ && has_ended_within(is_ending ? time_to_end : std::chrono::milliseconds{0})) {
    has_ended_ = true;
    if (process_.guardian != 0) status_ = told_by(process_.reports);
  }
  if (!has_ended_) return {};
  if (!status_) return "has ended";
  if (*status_ < 0) return "was ended by signal " + std::to_string(-*status_);
  if (*status_ == not_closed)
    return "could not be started without this one's sockets (close_range)";
  return *status_ == not_started ? std::string{"could not be started"}
                                 : "ended with status " + std::to_string(*status_);
}

void successor::stop() const {
  send_signal(process_.descriptor, SIGTERM);
}

} // namespace hubbub
