#include "bench/report/process_usage.hpp"
#include "tests/support/catch.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <ctime>

using namespace hubbub::bench;
using std::chrono::milliseconds;

namespace {

/// A process that has used so much CPU and is then stopped, so that it takes no more memory.
class child {
 public:
  explicit child(milliseconds work) {
    process_ = ::fork();
    if (process_ == 0) {
      while (milliseconds{std::clock() / (CLOCKS_PER_SEC / 1'000)} < work) {
      }
      for (;;)
        ::raise(SIGSTOP);
    }
    int state = 0;
    REQUIRE(::waitpid(process_, &state, WUNTRACED) == process_);
    REQUIRE(WIFSTOPPED(state));
  }
  child(const child&) = delete;
  child& operator=(const child&) = delete;
  ~child() { end(); }

  void end() {
    if (process_ == 0) return;
    ::kill(process_, SIGKILL);
    ::waitpid(process_, nullptr, 0);
    process_ = 0;
  }
  [[nodiscard]] pid_t process() const { return process_; }

 private:
  pid_t process_ = 0;
};

} // namespace

TEST_CASE("process usage: a process's children count, and still do when they have ended") {
  const auto before = usage_of(::getpid());
  child worker{milliseconds{200}};
  const auto during = usage_of(::getpid());
  CHECK(during.cpu - before.cpu >= milliseconds{200});
  CHECK(usage_of(worker.process()).cpu >= milliseconds{200});
  worker.end();
  // What has ended is counted in ticks of 10 ms.
  CHECK(usage_of(::getpid()).cpu - before.cpu >= milliseconds{180});
}

TEST_CASE("process usage: what several processes used is added up") {
  const child one{milliseconds{50}};
  const child other{milliseconds{70}};
  const std::array both{one.process(), other.process()};
  const auto sum_of_cpu = [&] {
    return usage_of(one.process()).cpu + usage_of(other.process()).cpu;
  };
  // The kernel tells that a process has stopped a moment before it takes the core away.
  const auto before = sum_of_cpu();
  const auto used = usage_of(both);
  const auto after = sum_of_cpu();
  CHECK(used.cpu >= milliseconds{120});
  CHECK(used.cpu >= before);
  CHECK(used.cpu <= after);
  CHECK(used.resident == usage_of(one.process()).resident + usage_of(other.process()).resident);
  CHECK(cores_of(both) == cores_of(std::array{::getpid()}));
}

TEST_CASE("process usage: there is none of a process that does not exist") {
  CHECK(usage_of(99'999'999).resident == 0); // beyond the highest number that Linux assigns
  CHECK(cores_of(std::array<pid_t, 0>{}) == 1);
}
