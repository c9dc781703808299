#include "net/engine/recent_sids.hpp"
#include "tests/support/catch.hpp"

#include <chrono>
#include <string>

namespace hubbub {

using namespace std::chrono_literals;

TEST_CASE("sessions that ended are remembered for a while") {
  recent_sids recent{500ms, 10};
  steady_time now{};
  recent.add("one", now);
  now += 400ms;
  recent.add("two", now);
  CHECK(recent.contains("one", now));
  CHECK(recent.contains("one", now));
  CHECK_FALSE(recent.contains("three", now));
  now += 100ms;
  CHECK_FALSE(recent.contains("one", now));
  CHECK(recent.contains("two", now));
}

TEST_CASE("a session that ended can be taken once") {
  recent_sids recent{500ms, 10};
  const steady_time now{};
  recent.add("a", now);
  recent.add("b", now);
  CHECK_FALSE(recent.take("c", now));
  CHECK(recent.take("b", now + 10ms));
  CHECK_FALSE(recent.take("b", now + 10ms));
  CHECK(recent.take("a", now + 499ms));
}

TEST_CASE("after a flood of ends only the latest are remembered") {
  recent_sids recent{500ms, 1'000};
  const steady_time now{};
  for (int i = 0; i < 1'001; ++i)
    recent.add(std::to_string(i), now);
  CHECK_FALSE(recent.contains("0", now));
  CHECK(recent.take("1", now));
  CHECK(recent.contains("1000", now));
}

} // namespace hubbub
