#include "tests/support/server_script.hpp"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <stdexcept>

namespace hubbub::test {

namespace {

std::string script_path(const std::string& name) {
  auto root = std::filesystem::current_path();
  while (!exists(root / "tests" / "support") && root.has_relative_path())
    root = root.parent_path();
  return (root / "tests" / "support" / name).string();
}

} // namespace

server_script::server_script(const std::string& name,
                             const std::vector<std::string>& arguments) {
  std::array<int, 2> to{};
  std::array<int, 2> from{};
  if (::pipe2(to.data(), O_CLOEXEC) != 0 || ::pipe2(from.data(), O_CLOEXEC) != 0)
    throw std::runtime_error("no pipe");
  const auto path = script_path(name);
  std::vector<std::string> words{path};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> pointers;
  for (auto& word : words)
    pointers.push_back(word.data());
  pointers.push_back(nullptr);
  process_ = ::fork();
  if (process_ == 0) {
    ::dup2(to[0], STDIN_FILENO);
    ::dup2(from[1], STDOUT_FILENO);
    ::execv(path.c_str(), pointers.data());
    ::_exit(127);
  }
  ::close(to[0]);
  ::close(from[1]);
  input_ = to[1];
  for (char c = 0; ::read(from[0], &c, 1) == 1 && c != '\n';)
    first_line_ += c;
  ::close(from[0]);
}

server_script::~server_script() {
  ::close(input_);
  ::waitpid(process_, nullptr, 0);
}

} // namespace hubbub::test
