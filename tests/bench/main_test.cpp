// The exit statuses of hubbub-bench, which scripts rely on.
#include "tests/bench/faulty_proxy.hpp"
#include "tests/bench/served_chat.hpp"
#include "tests/support/catch.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <vector>

using namespace hubbub::bench;

namespace {

/// Runs hubbub-bench to its end, and returns its exit status.
int status_with(const std::vector<std::string>& options) {
  const auto self = std::filesystem::read_symlink("/proc/self/exe");
  std::vector<std::string> words{self.parent_path() / "hubbub-bench"};
  words.insert(words.end(), options.begin(), options.end());
  std::vector<char*> arguments;
  arguments.reserve(words.size() + 1);
  for (auto& word : words)
    arguments.push_back(word.data());
  arguments.push_back(nullptr);

  posix_spawn_file_actions_t quietly;
  posix_spawn_file_actions_init(&quietly);
  for (const int output : {STDOUT_FILENO, STDERR_FILENO})
    posix_spawn_file_actions_addopen(&quietly, output, "/dev/null", O_WRONLY, 0);
  pid_t process = 0;
  const int failed =
      ::posix_spawn(&process, arguments[0], &quietly, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&quietly);
  REQUIRE(failed == 0);
  int status = 0;
  REQUIRE(::waitpid(process, &status, 0) == process);
  REQUIRE(WIFEXITED(status));
  return WEXITSTATUS(status);
}

int status_of_fanout(mischief what) {
  const served_chat chat;
  const faulty_proxy proxy{chat.port(), what, 60};
  return status_with({"fanout", "--url", proxy.url(), "--connections", "10", "--rooms", "1",
                      "--senders", "3", "--messages", "40", "--patience", "3s", "--settle",
                      "50ms"});
}

} // namespace

TEST_CASE("main: a run in which nothing went wrong ends with 0") {
  CHECK(status_of_fanout(mischief::none) == 0);
}

TEST_CASE("main: a run in which a message was lost or came twice ends with 1") {
  CHECK(status_of_fanout(mischief::drop) == 1);
  CHECK(status_of_fanout(mischief::repeat) == 1);
}

TEST_CASE("main: a run that was asked for in the wrong way ends with 2") {
  CHECK(status_with({"fanout", "--connections", "none"}) == 2);
  CHECK(status_with({"fanout", "--url", "ftp://example.org"}) == 2);
  CHECK(status_with({"fanout", "--url", "http://127.0.0.1:1", "--url", "ftp://example.org"}) ==
        2);
  CHECK(status_with({"fanout", "--server-pid", "none"}) == 2);
  for (const auto* rate : {"nan", "inf", "-1", "1e-12", "2e9"})
    CHECK(status_with({"fanout", "--rate", rate}) == 2);
  for (const auto* share : {"nan", "-0.1", "1.1"})
    CHECK(status_with({"slow", "--share", share}) == 2);
  for (const auto* time : {"200000000m", "9223372036s", "9223372036854775807ms", "-1s", "1"})
    CHECK(status_with({"fanout", "--duration", time}) == 2);
  // Rooms of one, two and three have six members, and four rooms are not so many.
  CHECK(status_with({"fanout", "--connections", "7", "--rooms", "3", "--largest-room", "3",
                     "--senders", "3"}) == 2);
  CHECK(status_with({"fanout", "--connections", "8", "--rooms", "4", "--largest-room", "3",
                     "--senders", "3"}) == 2);
}
