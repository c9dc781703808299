#include "actors/room/room_lookups.hpp"
#include "tests/support/catch.hpp"

namespace hubbub::test {
namespace {

const room_ref sought_room{"lobby"};

room_lookups::waiting looker() {
  return {{}, false, std::nullopt};
}
room_lookups::waiting creator(std::string owner) {
  return {{}, true, std::move(owner)};
}

TEST_CASE("the first question for a room asks the store, the others wait with it") {
  room_lookups lookups{10};
  CHECK(lookups.add(sought_room, looker()));
  CHECK_FALSE(lookups.add(sought_room, looker()));
  CHECK(lookups.add(room_ref{room_id{1}}, looker()));
  CHECK(lookups.take(sought_room).size() == 2);
  CHECK(lookups.take(sought_room).empty());
  CHECK(lookups.add(sought_room, looker()));
}

TEST_CASE("no more questions wait than may, and answered ones make room") {
  room_lookups lookups{2};
  CHECK_FALSE(lookups.refuse());
  (void)lookups.add(sought_room, looker());
  (void)lookups.add(sought_room, creator("ann"));
  CHECK(lookups.refuse());
  CHECK(lookups.refuse());
  CHECK(lookups.refused() == 2);
  CHECK(lookups.take_mere_lookers(sought_room).size() == 1);
  CHECK_FALSE(lookups.refuse());
  (void)lookups.add(sought_room, looker());
  CHECK(lookups.refuse());
  (void)lookups.take(sought_room);
  CHECK_FALSE(lookups.refuse());
}

TEST_CASE("a change counts for the room alone, and once") {
  room_lookups lookups{10};
  (void)lookups.add(sought_room, looker());
  (void)lookups.add(room_ref{room_id{2}}, looker());
  lookups.note_change(room_ref{room_id{2}});
  lookups.note_change(room_ref{room_id{3}}); // nobody asks for it
  CHECK_FALSE(lookups.take_change(sought_room));
  CHECK(lookups.take_change(room_ref{room_id{2}}));
  CHECK_FALSE(lookups.take_change(room_ref{room_id{2}}));
  CHECK_FALSE(lookups.take_change(room_ref{room_id{3}}));
  CHECK(lookups.take(sought_room).size() == 1);
}

TEST_CASE("a room is created for the first who wants it, and not for lookers") {
  room_lookups lookups{10};
  (void)lookups.add(sought_room, looker());
  CHECK_FALSE(lookups.wants_creation(sought_room));
  (void)lookups.add(sought_room, creator("ann"));
  (void)lookups.add(sought_room, looker());
  (void)lookups.add(sought_room, creator("ben"));
  CHECK(lookups.wants_creation(sought_room));
  CHECK(lookups.take_mere_lookers(sought_room).size() == 2);
  CHECK(lookups.owner(sought_room) == "ann");
  CHECK(lookups.take(sought_room).size() == 2);
  CHECK_FALSE(lookups.wants_creation(sought_room));
}

} // namespace
} // namespace hubbub::test
