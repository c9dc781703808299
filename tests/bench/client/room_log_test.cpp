#include "bench/client/room_log.hpp"
#include "tests/support/catch.hpp"

using namespace hubbub::bench;
using verdict = room_log::verdict;

TEST_CASE("members who see the same order are in order, whoever is ahead") {
  room_log log;
  room_log::reader first;
  room_log::reader second;
  CHECK(log.see(first, {1, 0}) == verdict::in_order);
  CHECK(log.see(first, {2, 0}) == verdict::in_order);
  CHECK(log.see(second, {1, 0}) == verdict::in_order);
  CHECK(log.see(second, {2, 0}) == verdict::in_order);
  CHECK(log.see(second, {1, 1}) == verdict::in_order);
  CHECK(log.see(first, {1, 1}) == verdict::in_order);
  CHECK(first.seen == 3);
  CHECK(log.size() == 3);
  CHECK(log.at(2) == message_key{1, 1});
}

TEST_CASE("a message that is missing is lacking until it comes late") {
  room_log log;
  room_log::reader whole;
  room_log::reader holed;
  for (std::uint32_t number = 0; number < 3; ++number)
    log.see(whole, {0, number});
  CHECK(log.see(holed, {0, 0}) == verdict::in_order);
  CHECK(log.see(holed, {0, 2}) == verdict::skipping);
  CHECK(holed.seen == 2);
  CHECK(log.see(holed, {0, 1}) == verdict::late);
  CHECK(holed.seen == 3);
}

TEST_CASE("a message that comes again is repeated") {
  room_log log;
  room_log::reader member;
  log.see(member, {0, 0});
  log.see(member, {0, 1});
  CHECK(log.see(member, {0, 0}) == verdict::repeated);
  CHECK(log.see(member, {0, 1}) == verdict::repeated);
  CHECK(member.seen == 2);
}

TEST_CASE("whoever sees a new message before what others have misses that") {
  room_log log;
  room_log::reader ahead;
  room_log::reader behind;
  log.see(ahead, {0, 0});
  CHECK(log.see(behind, {1, 0}) == verdict::skipping);
  CHECK(behind.seen == 1);
}

TEST_CASE("a sender's messages in another order than it sent them are unordered for the first "
          "to see") {
  room_log log;
  room_log::reader member;
  log.see(member, {0, 1});
  CHECK(log.see(member, {0, 0}) == verdict::unordered);
}

TEST_CASE("two members who see two orders are not both in order") {
  room_log log;
  room_log::reader one;
  room_log::reader other;
  log.see(one, {0, 0});
  log.see(one, {1, 0});
  CHECK(log.see(other, {1, 0}) == verdict::skipping);
  CHECK(log.see(other, {0, 0}) == verdict::late);
}
