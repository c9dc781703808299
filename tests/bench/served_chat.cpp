#include "tests/bench/served_chat.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <csignal>
#include <cstdlib>
#include <stdexcept>
#include <system_error>

namespace hubbub::bench {
namespace {

constexpr int start_patience_ms = 60'000;

/// Replaces a child process by the command.
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

served_chat::served_chat(const std::vector<std::string>& options) {
  auto folder = (std::filesystem::temp_directory_path() / "hubbub-bench-XXXXXX").string();
  if (::mkdtemp(folder.data()) == nullptr) throw std::runtime_error{"no folder"};
  folder_ = folder;
  const auto program = std::filesystem::read_symlink("/proc/self/exe").parent_path() / "hubbub";
  std::vector<std::string> command{
      program.string(), "serve", "--host",      "127.0.0.1", "--port", "0",
      "--io-threads",   "1",     "--log-level", "error",     "--db",   folder + "/smoke.db"};
  // A load test exceeds these limits on purpose.
  for (const auto* what : {"events", "joins", "typing", "bytes", "rooms"}) {
    command.push_back("--rate-" + std::string{what} + "-per-socket");
    command.emplace_back("off");
  }
  command.insert(command.end(), {"--max-accept-rate", "1000000"});
  command.insert(command.end(), options.begin(), options.end());
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw std::runtime_error{"no pipe"};
  output_ = file_descriptor{ends[0]};
  const file_descriptor input{ends[1]};
  process_ = ::fork();
  if (process_ == 0) become(command, input.number());
  read_port();
}

served_chat::~served_chat() {
  ::kill(process_, SIGKILL);
  ::waitpid(process_, nullptr, 0);
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

/// Waits for the line `listening on http://HOST:PORT`.
void served_chat::read_port() {
  std::string line;
  while (!line.ends_with('\n')) {
    pollfd wait{output_.number(), POLLIN, 0};
    char byte = 0;
    if (::poll(&wait, 1, start_patience_ms) <= 0 || ::read(output_.number(), &byte, 1) != 1)
      throw std::runtime_error{"the server does not say that it listens"};
    line += byte;
  }
  std::from_chars(line.data() + line.rfind(':') + 1, line.data() + line.size(), port_);
}

} // namespace hubbub::bench
