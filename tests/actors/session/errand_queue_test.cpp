#include "actors/session/errand_queue.hpp"
#include "tests/support/catch.hpp"

namespace hubbub::test {
namespace {

TEST_CASE("errands go on in the order in which they came") {
  errand_queue errands;
  CHECK_FALSE(errands.next());
  errands.push({1, "join", command::join_room{}});
  errands.push({2, "leave_room", command::leave_room{}});
  REQUIRE(errands.next());
  CHECK(errands.next()->event == "join");
  CHECK(errands.pop().ack == 1);
  CHECK(errands.pop().ack == 2);
  CHECK_FALSE(errands.next());
}

TEST_CASE("an errand that waits for its room holds up those behind it") {
  errand_queue errands;
  errands.push({1, "join", command::join_room{}});
  errands.hold();
  errands.push({2, "leave_room", command::leave_room{}});
  CHECK_FALSE(errands.next());
  CHECK(errands.front().ack == 1);
  CHECK(errands.pop().ack == 1);
  REQUIRE(errands.next());
  CHECK(errands.next()->ack == 2);
}

TEST_CASE("errands that are cleared leave nothing that waits") {
  errand_queue errands;
  errands.push({1, "join", command::join_room{}});
  errands.hold();
  errands.clear();
  errands.push({2, "leave_room", command::leave_room{}});
  CHECK(errands.next());
}

} // namespace
} // namespace hubbub::test
