#include "net/api/process_metrics.hpp"
#include "tests/support/catch.hpp"

#include <fcntl.h>
#include <unistd.h>

namespace hubbub::test {
namespace {

TEST_CASE("the system's line about a process is read, whatever the program is called") {
  const auto found =
      parse_stat("42 (a) b (x) S 1 42 42 0 -1 4194560 100 0 0 0 150 50 7 7 20 0 9 "
                 "0 3000 1000000 250 18446744073709551615 1 1\n",
                 100, 4'096, 1'000);
  REQUIRE(found);
  CHECK(found->cpu_seconds == 2);
  CHECK(found->start_seconds == 1'030);
  CHECK(found->threads == 9);
  CHECK(found->virtual_bytes == 1'000'000);
  CHECK(found->resident_bytes == 250 * 4'096);
  for (const auto* line : {"", "42", "42 (x", "42 (x) S 1 2 3", ") "})
    CHECK_FALSE(parse_stat(line, 100, 4'096, 0));
}

TEST_CASE("a process knows how many files it has open") {
  const auto before = ask_process();
  const auto one = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  const auto after = ask_process();
  ::close(one);
  CHECK(before.open_files > 2);
  CHECK(after.open_files == before.open_files + 1);
  CHECK(after.resident_bytes > 100'000);
  CHECK(after.cpu_seconds >= before.cpu_seconds);
  CHECK(after.start_seconds > 1e9);
}

} // namespace
} // namespace hubbub::test
