#include "net/embed/hook_line.hpp"
#include "tests/support/catch.hpp"

using namespace hubbub;

TEST_CASE("a line is open as long as less than its bound has no answer") {
  hook_line line;
  CHECK(line.is_open(2));
  const auto first = line.begin();
  const auto second = line.begin();
  CHECK_FALSE(line.is_open(2));
  line.end(first, true);
  CHECK(line.is_open(2));
  line.end(second, true);
  CHECK(line.is_open(1));
}

TEST_CASE("a question that is late still lies in the mailbox of who was asked") {
  hook_line line;
  const auto first = line.begin();
  const auto second = line.begin();
  line.end(first, false);
  line.end(second, false);
  CHECK_FALSE(line.is_open(2));
  REQUIRE(line.begin_probe());
  CHECK_FALSE(line.begin_probe());
  line.end_probe();
  CHECK(line.is_open(1));
}

TEST_CASE("an answer shows that everything before it was taken") {
  hook_line line;
  const auto lost = line.begin();
  const auto second = line.begin();
  line.end(lost, false);
  line.end(second, true);
  CHECK(line.is_open(1));
}
