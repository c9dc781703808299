#include "actors/room/session_lanes.hpp"
#include "tests/support/catch.hpp"

namespace hubbub::test {
namespace {

constexpr session_id ann_session{0, 1};
constexpr session_id ben_session{0, 2};

room_request a_request(session_id from, room_command command) {
  room_request made;
  made.asker = socket_asker{from};
  made.command = std::move(command);
  return made;
}
room_request a_write(session_id from) {
  return a_request(from, command::send_message{});
}
room_request a_read(session_id from) {
  return a_request(from, command::get_messages{});
}

bool is_next_a_write(session_lanes& lanes, session_id session) {
  const auto next = lanes.next(session);
  return next && is_write(std::get<room_request>(*next).command);
}

TEST_CASE("a session without anything under way need not wait") {
  session_lanes lanes;
  CHECK_FALSE(lanes.must_wait(ann_session, true));
  CHECK_FALSE(lanes.must_wait(ann_session, false));
  CHECK(lanes.empty());
}

TEST_CASE("writes follow writes at once, and all else waits for them") {
  session_lanes lanes;
  lanes.begin_write(ann_session);
  CHECK_FALSE(lanes.must_wait(ann_session, true));
  CHECK(lanes.must_wait(ann_session, false));
  CHECK_FALSE(lanes.must_wait(ben_session, false));
  lanes.wait(a_read(ann_session));
  lanes.wait(a_write(ann_session));
  CHECK(lanes.must_wait(ann_session, true)); // after the read
  CHECK(lanes.waiting() == 2);
  CHECK_FALSE(lanes.next(ann_session));
  lanes.end_write(ann_session);
  CHECK_FALSE(is_next_a_write(lanes, ann_session));
  CHECK(is_next_a_write(lanes, ann_session));
  CHECK(lanes.waiting() == 0);
  CHECK_FALSE(lanes.next(ann_session));
  CHECK(lanes.empty());
}

TEST_CASE("a hold stops writes too, until the last one is released") {
  session_lanes lanes;
  lanes.hold(ann_session);
  lanes.hold(ann_session);
  lanes.wait(a_write(ann_session));
  lanes.release(ann_session);
  CHECK_FALSE(lanes.next(ann_session));
  lanes.release(ann_session);
  CHECK(is_next_a_write(lanes, ann_session));
}

TEST_CASE(
    "of several renewals in a row the latest one is left, and they count as no requests") {
  session_lanes lanes;
  lanes.hold(ann_session);
  const auto older = std::make_shared<const user>();
  const auto newer = std::make_shared<const user>();
  lanes.wait(room_renewal{ann_session, older});
  lanes.wait(room_renewal{ann_session, newer});
  CHECK_FALSE(lanes.is_leaving(ann_session));
  lanes.wait(room_departure{ann_session});
  CHECK(lanes.is_leaving(ann_session));
  CHECK_FALSE(lanes.is_leaving(ben_session));
  CHECK(lanes.waiting() == 0);
  lanes.release(ann_session);
  const auto first = lanes.next(ann_session);
  REQUIRE(first);
  CHECK(std::get<room_renewal>(*first).who == newer);
  const auto second = lanes.next(ann_session);
  REQUIRE(second);
  CHECK(std::holds_alternative<room_departure>(*second));
  CHECK_FALSE(lanes.is_leaving(ann_session));
  CHECK_FALSE(lanes.next(ann_session));
  CHECK(lanes.empty());
}

} // namespace
} // namespace hubbub::test
