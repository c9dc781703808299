#include "actors/room/room_lease.hpp"
#include "actors/session/room_seats.hpp"
#include "tests/support/catch.hpp"

namespace hubbub::test {
namespace {

constexpr room_id seat_room{1};
constexpr room_id other_seat_room{2};

room_lease_ptr lease_of(room_id id, std::string name) {
  return std::make_shared<const room_lease>(room_actor{}, id, std::move(name));
}

/// Returns the seats of a socket that has sent this many joins of the lobby.
room_seats after_joins(int joins) {
  room_seats seats;
  for (int i = 0; i < joins; ++i) {
    seats.count_join();
    seats.take(lease_of(seat_room, "lobby"));
  }
  return seats;
}

TEST_CASE("a seat is found by the room's id and by its name") {
  const auto seats = after_joins(1);
  REQUIRE(seats.find(room_ref{seat_room}));
  CHECK(seats.find(room_ref{"lobby"}) == seats.find(room_ref{seat_room}));
  CHECK_FALSE(seats.find(room_ref{"attic"}));
  CHECK_FALSE(seats.find(room_ref{other_seat_room}));
}

TEST_CASE("a refused join gives its seat up, and one that is let in keeps it") {
  auto seats = after_joins(1);
  CHECK(seats.latest_join() == 1);
  SECTION("refused") {
    seats.hear({seat_room, 1, false});
    CHECK_FALSE(seats.contains(seat_room));
  }
  SECTION("let in") {
    seats.hear({seat_room, 1, true});
    CHECK(seats.contains(seat_room));
  }
}

TEST_CASE("a seat is kept as long as one of its joins may let the socket in") {
  auto seats = after_joins(2);
  seats.hear({seat_room, 2, false});
  CHECK(seats.contains(seat_room));
  seats.hear({seat_room, 1, false});
  CHECK_FALSE(seats.contains(seat_room));
}

TEST_CASE("the answer to a join before the leave says nothing of the seat after it") {
  auto seats = after_joins(1);
  seats.leave(seat_room, false);
  CHECK_FALSE(seats.contains(seat_room));
  seats.count_join();
  seats.take(lease_of(seat_room, "lobby"));
  seats.hear({seat_room, 1, false});
  CHECK(seats.contains(seat_room));
}

TEST_CASE("a recoverable session keeps its seat until the leave is answered") {
  auto seats = after_joins(1);
  seats.hear({seat_room, 1, true});
  CHECK_FALSE(seats.has_free(1));
  seats.leave(seat_room, true);
  CHECK(seats.contains(seat_room));
  CHECK(seats.has_free(1)); // it is as good as free
  SECTION("stored") {
    seats.hear({seat_room, 0, false});
    CHECK_FALSE(seats.contains(seat_room));
  }
  SECTION("refused") {
    seats.hear({seat_room, 0, true});
    CHECK(seats.contains(seat_room));
    CHECK_FALSE(seats.has_free(1));
  }
}

TEST_CASE("a seat that came with a session survives a refused join") {
  room_seats seats;
  seats.take_back(lease_of(seat_room, "lobby"));
  seats.count_join();
  seats.take(lease_of(seat_room, "lobby"));
  seats.hear({seat_room, 1, false});
  CHECK(seats.contains(seat_room));
  CHECK(seats.leave_all().size() == 1);
  CHECK_FALSE(seats.contains(seat_room));
}

TEST_CASE("what was missed of a room is owed until the socket is in it") {
  room_seats seats;
  seats.owe({{seat_room, sequence{5}}, {other_seat_room, sequence{9}}});
  CHECK(seats.missed_from(seat_room) == sequence{5});
  CHECK_FALSE(seats.missed_from(room_id{3}));
  seats.hear({seat_room, 1, false});
  CHECK(seats.missed_from(seat_room) == sequence{5});
  seats.hear({seat_room, 2, true});
  CHECK_FALSE(seats.missed_from(seat_room));
  CHECK(seats.missed().size() == 1);
}

} // namespace
} // namespace hubbub::test
