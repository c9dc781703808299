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
  CHECK(line.is_open(3));
  // No more than two may be waiting: it is asked one by one, until it answers in time.
  REQUIRE(line.is_open(2));
  const auto late = line.begin();
  CHECK_FALSE(line.is_open(2));
  line.end(late, false);
  REQUIRE(line.is_open(2));
  const auto taken = line.begin();
  line.end(taken, true);
  static_cast<void>(line.begin());
  CHECK(line.is_open(2));
}

TEST_CASE("an answer shows that everything before it was taken") {
  hook_line line;
  const auto lost = line.begin();
  const auto second = line.begin();
  line.end(lost, false);
  line.end(second, true);
  CHECK(line.is_open(1));
}

TEST_CASE("nobody who has ended is asked") {
  hook_line line;
  const auto lost = line.begin();
  line.close();
  CHECK_FALSE(line.is_open(2));
  line.end(lost, false);
  CHECK_FALSE(line.is_open(2));
}
