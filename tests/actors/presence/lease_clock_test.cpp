#include "actors/presence/lease_clock.hpp"
#include "tests/support/catch.hpp"

namespace hubbub {
namespace {

using namespace std::chrono_literals;

TEST_CASE("a lease is given up after four fifths of its length, counted from the question") {
  const lease_clock::time_point start{1h};
  lease_clock lease{10s, 1s};
  CHECK_FALSE(lease.is_held());
  CHECK_FALSE(lease.is_late(start));
  lease.begin(start);
  lease.renewed(); // however late the answer came
  CHECK(lease.is_held());
  CHECK(lease.left(start + 1s) == 7s);
  CHECK_FALSE(lease.is_late(start + 7'999ms));
  CHECK(lease.is_late(start + 8s));
  lease.begin(start + 5s);
  CHECK(lease.is_late(start + 8s)); // it was not answered yet
  lease.renewed();
  CHECK_FALSE(lease.is_late(start + 12s));
  CHECK_FALSE(lease.lost_for(start + 12s));
  lease.lose(start + 13s);
  CHECK_FALSE(lease.is_late(start + 20s));
  CHECK(lease.left(start + 9s) == 0s);
  CHECK(lease.lost_for(start + 15s) == 2s);
  lease.renewed();
  CHECK_FALSE(lease.lost_for(start + 15s));
}

TEST_CASE("a lease that was never held is not lost") {
  lease_clock lease{10s, 1s};
  CHECK_FALSE(lease.lost_for(lease_clock::time_point{1h}));
}

TEST_CASE("a node reports as often as it looks, and five times within a lease at least") {
  const lease_clock::time_point start{1h};
  lease_clock often{10s, 1s};
  often.begin(start);
  CHECK_FALSE(often.is_due(start + 999ms));
  CHECK(often.is_due(start + 1s));
  CHECK(often.until_next(start + 400ms) == 600ms);
  lease_clock seldom{10s, 1min};
  seldom.begin(start);
  CHECK(seldom.is_due(start + 2s));
  seldom.renewed();
  CHECK(seldom.until_next(start + 5s) == 1ms);
}

} // namespace
} // namespace hubbub
