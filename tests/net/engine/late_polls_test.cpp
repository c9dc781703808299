#include "net/engine/late_polls.hpp"
#include "tests/support/catch.hpp"

#include <chrono>
#include <string>

namespace hubbub {

using std::chrono::milliseconds;

TEST_CASE("a poll that was overtaken by its close is expected once, and soon") {
  late_polls polls;
  const steady_time now{};
  polls.expect("a", now);
  polls.expect("b", now);
  CHECK_FALSE(polls.take("c", now));
  CHECK(polls.take("b", now + milliseconds{10}));
  CHECK_FALSE(polls.take("b", now + milliseconds{10}));
  CHECK(polls.take("a", now + milliseconds{499}));
}

TEST_CASE("an overtaken poll that does not come is forgotten") {
  late_polls polls;
  const steady_time now{};
  polls.expect("a", now);
  CHECK_FALSE(polls.take("a", now + milliseconds{500}));
}

TEST_CASE("of a flood of closes only the last thousand are remembered") {
  late_polls polls;
  const steady_time now{};
  for (int i = 0; i < 1'001; ++i)
    polls.expect(std::to_string(i), now);
  CHECK_FALSE(polls.take("0", now));
  CHECK(polls.take("1", now));
  CHECK(polls.take("1000", now));
}

} // namespace hubbub
