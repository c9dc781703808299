#include "bench/server_process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string_view>
#include <system_error>
#include <utility>

namespace hubbub::bench {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds start_patience{10'000};
constexpr std::chrono::seconds stop_patience{30};

std::string system_error(std::string_view what) {
  return std::string{what} + ": " + std::generic_category().message(errno);
}

std::string read_proc(pid_t id, const char* file) {
  std::ifstream in{"/proc/" + std::to_string(id) + "/" + file};
  return {std::istreambuf_iterator<char>{in}, {}};
}

/// In a child process that has not become another program yet.
[[noreturn]] void become(std::vector<std::string>& command, int output) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  ::dup2(output, STDOUT_FILENO);
  std::vector<char*> arguments;
  arguments.reserve(command.size() + 1);
  for (auto& word : command)
    arguments.push_back(word.data());
  arguments.push_back(nullptr);
  ::execv(arguments[0], arguments.data());
  ::_exit(127);
}

} // namespace

expected<server_process, std::string>
server_process::start(const std::filesystem::path& program, std::vector<std::string> options) {
  if (::access(program.c_str(), X_OK) != 0)
    return unexpected(system_error("cannot run " + program.string()));
  server_process server;
  auto folder = (std::filesystem::temp_directory_path() / "hubbub-bench-XXXXXX").string();
  if (::mkdtemp(folder.data()) == nullptr) return unexpected(system_error("no folder"));
  server.folder_ = folder;
  std::vector<std::string> command{program.string(), "serve", "--host", "127.0.0.1",
                                   "--port",         "0",     "--db",   folder + "/bench.db"};
  command.insert(command.end(), std::make_move_iterator(options.begin()),
                 std::make_move_iterator(options.end()));
  auto done = server.launch(std::move(command));
  if (done) done = server.await_listening();
  if (!done) return unexpected(std::move(done.error()));
  return server;
}

server_process::server_process(server_process&& other) noexcept
    : id_(std::exchange(other.id_, 0)), port_(other.port_),
      folder_(std::exchange(other.folder_, {})), output_(std::move(other.output_)) {}

server_process::~server_process() {
  if (id_ != 0) {
    ::kill(id_, SIGKILL);
    ::waitpid(id_, nullptr, 0);
  }
  std::error_code ignored;
  if (!folder_.empty()) std::filesystem::remove_all(folder_, ignored);
}

cpu_time server_process::cpu() const {
  // proc(5): the second field, in parentheses, is the only one that may hold spaces; the 14th
  // and 15th are what is wanted.
  const auto stat = read_proc(id_, "stat");
  const auto name_end = stat.rfind(')');
  if (name_end == std::string::npos) return {};
  std::istringstream fields{stat.substr(name_end + 1)};
  std::string skipped;
  for (int field = 3; field < 14; ++field)
    fields >> skipped;
  std::int64_t user = 0;
  std::int64_t system = 0;
  fields >> user >> system;
  const auto tick = 1'000'000 / ::sysconf(_SC_CLK_TCK);
  return {std::chrono::microseconds{user * tick}, std::chrono::microseconds{system * tick}};
}

std::size_t server_process::resident_bytes() const {
  std::istringstream fields{read_proc(id_, "statm")};
  std::size_t all = 0;
  std::size_t resident = 0;
  fields >> all >> resident;
  return resident * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

expected<void, std::string> server_process::stop() {
  ::kill(id_, SIGTERM);
  const auto until = steady_clock::now() + stop_patience;
  int status = 0;
  while (::waitpid(id_, &status, WNOHANG) == 0) {
    if (steady_clock::now() > until) return unexpected(std::string{"the server does not end"});
    ::poll(nullptr, 0, 1);
  }
  id_ = 0;
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return {};
  return unexpected("the server did not end well (wait status " + std::to_string(status) + ")");
}

expected<void, std::string> server_process::launch(std::vector<std::string> command) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return unexpected(system_error("no pipe"));
  output_ = file_descriptor{ends[0]};
  const file_descriptor input{ends[1]};
  const auto child = ::fork();
  if (child < 0) return unexpected(system_error("no process"));
  if (child == 0) become(command, input.number());
  id_ = child;
  return {};
}

/// Waits for the line `listening on http://HOST:PORT`.
expected<void, std::string> server_process::await_listening() {
  constexpr std::string_view promise = "listening on http://";
  std::string line;
  while (!line.ends_with('\n')) {
    pollfd wait{output_.number(), POLLIN, 0};
    if (::poll(&wait, 1, static_cast<int>(start_patience.count())) <= 0)
      return unexpected(std::string{"the server does not say that it listens"});
    char byte = 0;
    if (::read(output_.number(), &byte, 1) != 1)
      return unexpected(std::string{"the server ended before it listened"});
    line += byte;
  }
  const auto colon = line.rfind(':');
  const auto* const end = line.data() + line.size() - 1;
  if (!line.starts_with(promise) ||
      std::from_chars(line.data() + colon + 1, end, port_).ptr != end)
    return unexpected("the server said: " + line);
  return {};
}

} // namespace hubbub::bench
