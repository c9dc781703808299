#include "net/admission/accept_meter.hpp"
#include "tests/support/catch.hpp"

#include <chrono>

namespace hubbub {
namespace {

using namespace std::chrono_literals;

int taken_at(accept_meter& meter, steady_time now) {
  int taken = 0;
  while (meter.take(now))
    ++taken;
  return taken;
}

} // namespace

TEST_CASE("as many may come at once as in a second, then as time passes") {
  accept_meter meter{10};
  const auto begin = steady_time{} + 100s;
  CHECK(taken_at(meter, begin) == 10);
  CHECK(taken_at(meter, begin + 99ms) == 0);
  CHECK(taken_at(meter, begin + 101ms) == 1);
  CHECK(taken_at(meter, begin + 602ms) == 5);
}

TEST_CASE("time in which nobody came is not saved beyond a second") {
  accept_meter meter{3};
  CHECK(taken_at(meter, steady_time{} + 1s) == 3);
  CHECK(taken_at(meter, steady_time{} + 1h) == 3);
}

} // namespace hubbub
