#include "actors/room/awake_rooms.hpp"
#include "tests/support/catch.hpp"

namespace hubbub::test {
namespace {

constexpr room_id awake_id{7};
constexpr caf::actor_id awake_actor = 70;

awake_rooms one_awake() {
  awake_rooms rooms;
  rooms.add({awake_id, "lobby", room_actor{}, awake_actor});
  return rooms;
}

TEST_CASE("an awake room is found by its name and by its id") {
  auto rooms = one_awake();
  REQUIRE(rooms.find(room_ref{"lobby"}));
  CHECK(rooms.find(room_ref{"lobby"})->id == awake_id);
  CHECK(rooms.find(room_ref{awake_id}) == rooms.find(room_ref{"lobby"}));
  CHECK(rooms.find(awake_id) == rooms.find(room_ref{"lobby"}));
  CHECK_FALSE(rooms.find(room_ref{"Lobby"}));
  CHECK_FALSE(rooms.find(room_id{8}));
}

TEST_CASE("a room that retires is forgotten") {
  auto rooms = one_awake();
  CHECK(rooms.take(awake_id)->name == "lobby");
  CHECK(rooms.size() == 0);
  CHECK_FALSE(rooms.find(room_ref{"lobby"}));
  CHECK_FALSE(rooms.take(awake_id));
}

TEST_CASE("a room whose actor fails is forgotten, and one that is there again is not") {
  auto rooms = one_awake();
  (void)rooms.take(awake_id);
  rooms.add({awake_id, "lobby", room_actor{}, awake_actor + 1});
  CHECK_FALSE(rooms.take_of(awake_actor)); // the end of the actor that retired
  CHECK(rooms.find(awake_id));
  CHECK(rooms.take_of(awake_actor + 1)->id == awake_id);
  CHECK_FALSE(rooms.find(awake_id));
}

TEST_CASE("what is noted of an awake room stays until it goes") {
  auto rooms = one_awake();
  rooms.find(awake_id)->members = 3;
  std::int64_t members = 0;
  rooms.for_each([&](const awake_room& room) { members += room.members; });
  CHECK(members == 3);
  rooms.clear();
  CHECK(rooms.size() == 0);
}

} // namespace
} // namespace hubbub::test
