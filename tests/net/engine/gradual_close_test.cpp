#include "net/engine/gradual_close.hpp"
#include "tests/support/catch.hpp"

#include <chrono>

namespace hubbub {

using namespace std::chrono_literals;

TEST_CASE("sessions are closed evenly over the time that there is") {
  CHECK(left_after(1'000, 10s, 10s) == 1'000);
  CHECK(left_after(1'000, 10s, 7'500ms) == 750);
  CHECK(left_after(1'000, 10s, 10ms) == 1);
  CHECK(left_after(1'000, 10s, 0ms) == 0);
  CHECK(left_after(1'000, 10s, -5s) == 0);
  CHECK(left_after(1, 1h, 1ms) == 1);
  CHECK(left_after(3, 1h, 41min) == 3);
  CHECK(left_after(3, 1h, 40min) == 2);
  CHECK(left_after(0, 1h, 45min) == 0);
  CHECK(left_after(5, 0ms, 0ms) == 0);
}

TEST_CASE("a step closes its part of the sessions and no more") {
  const auto time = 2s;
  std::size_t left = 10'000;
  for (auto rest = std::chrono::duration_cast<std::chrono::milliseconds>(time); rest > 0ms;) {
    rest -= closing_step;
    const auto then = left_after(10'000, time, rest);
    REQUIRE(left - then <= 251);
    left = then;
  }
  CHECK(left == 0);
}

} // namespace hubbub
