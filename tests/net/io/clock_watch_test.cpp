#include "net/io/clock_watch.hpp"
#include "tests/support/catch.hpp"

#include <chrono>

namespace hubbub {

TEST_CASE("a step of the wall clock is told once, and how far it went") {
  using namespace std::chrono_literals;
  clock_steps steps;
  clock_steps::wall_time wall{24h};
  steady_time steady{5h};
  const auto look_after = [&](auto passed, std::chrono::milliseconds step = 0ms) {
    steady += passed;
    wall += passed + step;
    return steps.look(wall, steady);
  };
  CHECK_FALSE(look_after(0s));
  CHECK_FALSE(look_after(1s));
  CHECK_FALSE(look_after(1s, 1'999ms)); // as clocks are put right
  CHECK(look_after(1s, 2h) == 2h);
  CHECK_FALSE(look_after(1s));
  CHECK(look_after(90s, -2h) == -2h);
  CHECK_FALSE(look_after(600s)); // a machine that was suspended loses no step
}

} // namespace hubbub
