#include "net/log/log_sink.hpp"
#include "tests/support/catch.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <string>

namespace hubbub::test {
namespace {

std::array<int, 2> open_pipe() {
  std::array<int, 2> ends{};
  REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0);
  return ends;
}

/// A pipe with a log at one end.
struct piped_log {
  ~piped_log() {
    ::close(ends[0]);
    ::close(ends[1]);
  }
  void write(const std::string& body) { sink.write(log_level::info, {}, body); }
  /// Returns what has been written and not read.
  std::string read() {
    REQUIRE(::fcntl(ends[0], F_SETFL, O_NONBLOCK) == 0);
    std::string all;
    std::array<char, 4'096> part{};
    for (;;) {
      const auto got = ::read(ends[0], part.data(), part.size());
      if (got <= 0) return all;
      all.append(part.data(), static_cast<std::size_t>(got));
    }
  }

  std::array<int, 2> ends = open_pipe();
  log_sink sink{ends[1], log_format::text, std::chrono::milliseconds{0}};
};

TEST_CASE("a log whose reader is stuck leaves lines out, and says how many") {
  piped_log log;
  const std::string line(1'000, 'x');
  for (int i = 0; i < 200; ++i) // three times what a pipe holds
    log.write(line);
  const auto before = log.read();
  log.write("after");
  const auto after = log.read();
  const auto all = before + after;

  std::size_t whole = 0;
  std::size_t at = 0;
  const auto prefix = std::string{"1970-01-01T00:00:00.000Z "};
  for (auto end = all.find('\n'); end != std::string::npos;
       at = end + 1, end = all.find('\n', at)) {
    const auto each = all.substr(at, end - at);
    if (each == prefix + "info " + line) ++whole;
  }
  CHECK(whole > 20);
  CHECK(all.substr(at).empty()); // nothing but whole lines
  CHECK(all.find(prefix + "warning lines_lost: ") != std::string::npos);
  CHECK(all.find(" lines=" + std::to_string(200 - whole) + "\n") != std::string::npos);
  CHECK(all.ends_with(prefix + "info after\n"));
}

TEST_CASE("a log that nobody can read any more takes lines and forgets them") {
  const auto ends = open_pipe();
  ::close(ends[1]);
  log_sink sink{ends[0], log_format::text, std::chrono::milliseconds{0}}; // not for writing
  sink.write(log_level::info, {}, "x");
  sink.count_lost(3);
  sink.write(log_level::info, {}, "y");
  ::close(ends[0]);
  SUCCEED("neither blocked nor threw");
}

} // namespace
} // namespace hubbub::test
