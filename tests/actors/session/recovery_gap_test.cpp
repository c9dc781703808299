#include "tests/actors/session/recovery_world.hpp"

#include <string>
#include <tuple>

namespace hubbub::test {
namespace {

TEST_CASE("where more was missed than is replayed, the next join says what") {
  recovery_world world;
  kept session;
  auto& ann = world.fresh_member("ann", session);
  world.post("lobby", "seen");
  session.offset = offset_of(ann.take().at(0));
  ann.close();
  for (std::int64_t i = 0; i <= max_since; ++i)
    world.post("lobby", "missed");
  auto& back = world.open();
  const auto came = world.come(back, recovery_world::auth_of(session));
  CHECK(without_offsets(came).size() == 1);
  CHECK_FALSE(is_recovered(came, session));
  const auto joined = back.ask(R"(421["join_room",{"room":"lobby","history":0}])");
  REQUIRE(joined.size() == 3);
  CHECK(joined[0].starts_with(R"(431[{"ok":true)"));
  CHECK(joined[1] == R"(42["gap",{"room_id":1,"room":"lobby","from_seq":2,"to_seq":1002}])");
  CHECK(is_offset(joined[2]));
  CHECK(back.ask(R"(422["join_room",{"room":"lobby","history":0}])").size() == 1);
}

TEST_CASE(
    "where too many claims wait, a client gets a fresh session and hears what it missed") {
  chat_settings settings;
  settings.claims = 1;
  recovery_world world{{.settings = settings}};
  kept session;
  auto& ann = world.fresh_member("ann", session);
  world.post("lobby", "seen");
  session.offset = offset_of(ann.take().at(0));
  ann.close();
  world.post("lobby", "missed");
  world.hold(world.reader);
  auto& other = world.open();
  other.send(R"(40{"recover":true,"pid":"nobody-was-ever-given-this"})");
  world.run();
  REQUIRE(other.take().empty()); // it waits for the store
  auto& back = world.open();
  const auto came = world.come(back, recovery_world::auth_of(session));
  CHECK(without_offsets(came).size() == 1);
  CHECK_FALSE(is_recovered(came, session));
  CHECK(world.refused(refused_by::claims) == 1);
  world.release_all();
  world.run();
  CHECK(other.take().size() == 1);
  const auto joined = back.ask(R"(421["join_room",{"room":"lobby","history":0}])");
  REQUIRE(joined.size() == 3);
  CHECK(joined[1] == R"(42["gap",{"room_id":1,"room":"lobby","from_seq":2,"to_seq":2}])");
  // If nobody waits, the next claim is served.
  CHECK(is_recovered(world.come_back(session), session));
}

TEST_CASE("a gap is told until an offset has come behind it") {
  recovery_world world;
  kept session;
  auto& ann = world.fresh_member("ann", session);
  world.post("lobby", "seen");
  (void)heard(session, ann.take());
  ann.close();
  for (std::int64_t i = 0; i <= max_since; ++i)
    world.post("lobby", "missed");
  auto& fresh = world.open();
  const auto came = world.come(fresh, recovery_world::auth_of(session));
  REQUIRE(came.size() == 2);
  CHECK(is_offset(came[1]));
  REQUIRE_FALSE(is_recovered(came, session));
  session = {field(came[0], "sid"), field(came[0], "pid"), session.offset};
  const std::string gap =
      R"(42["gap",{"room_id":1,"room":"lobby","from_seq":2,"to_seq":1002}])";

  SECTION("its session ends before it has joined") {
    fresh.close();
    world.run();
    auto& again = world.open();
    const auto next = world.come(again, recovery_world::auth_of(session));
    CHECK_FALSE(is_recovered(next, session)); // it had joined nothing
    const auto joined = again.ask(R"(421["join_room",{"room":"lobby","history":0}])");
    REQUIRE(joined.size() == 3);
    CHECK(joined[1] == gap);
  }
  SECTION("its session ends before it has joined, and is forgotten") {
    (void)heard(session, came);
    fresh.close();
    world.run();
    std::ignore =
        world.ask<bool>(world.writer, op::end_recoverable{identity_of(session.pid).id, true});
    auto& again = world.open();
    REQUIRE_FALSE(is_recovered(world.come(again, recovery_world::auth_of(session)), session));
    const auto joined = again.ask(R"(421["join_room",{"room":"lobby","history":0}])");
    REQUIRE(joined.size() == 3);
    CHECK(joined[1] == gap);
  }
  SECTION("the join's ack and the gap are lost") {
    REQUIRE(fresh.ask(R"(421["join_room",{"room":"lobby","history":0}])").size() == 3);
    fresh.close();
    world.post("lobby", "after");
    CHECK(world.back(session).second == texts{gap, lobby_event(1003, "bot", "after")});
    // The event after the gap told it.
    world.post("lobby", "later");
    CHECK(world.back(session).second == texts{lobby_event(1004, "bot", "later")});
  }
  SECTION("it is lost again on the way back, behind an event of another room") {
    (void)fresh.ask(R"(421["join_room",{"room":"lobby","history":0}])");
    (void)fresh.ask(R"(422["join_room",{"room":"attic","history":0}])");
    fresh.close();
    world.post("lobby", "after");
    world.post("attic", "elsewhere");
    world.run();
    auto& back = world.open();
    back.send("40" + recovery_world::auth_of(session));
    while (back.connection().frames.empty())
      REQUIRE(world.step());
    world.hold(world.rooms[0]);
    world.run();
    REQUIRE(without_offsets(heard(session, back.take())).size() == 2); // in the attic
    back.close();
    world.release_all();
    world.run();
    CHECK(world.back(session).second == texts{gap, lobby_event(1003, "bot", "after")});
  }
  SECTION("it was heard") {
    (void)heard(session, fresh.ask(R"(421["join_room",{"room":"lobby","history":0}])"));
    fresh.close();
    world.post("lobby", "after");
    CHECK(world.back(session).second == texts{lobby_event(1003, "bot", "after")});
  }
}

TEST_CASE("a gap of a room that is not joined again is kept through further sessions") {
  recovery_world world;
  kept session;
  auto& ann = world.fresh_member("ann", session);
  recovery_world::join(ann, session, "attic");
  ann.close();
  world.run();
  world.wall_time = timestamp{noon.value + 120'001};
  world.post("lobby", "missed");
  world.post("attic", "missed");
  auto& fresh = world.open();
  const auto came = world.come(fresh, recovery_world::auth_of(session));
  REQUIRE_FALSE(is_recovered(came, session));
  session = {field(came[0], "sid"), field(came[0], "pid"), ""};
  recovery_world::join(fresh, session, "attic");
  fresh.close();
  SECTION("that are recovered") {
    auto [back, told] = world.back(session);
    CHECK(told.empty());
    const auto joined = back->ask(R"(421["join_room",{"room":"lobby","history":0}])");
    REQUIRE(joined.size() == 3);
    CHECK(joined[1] == R"(42["gap",{"room_id":1,"room":"lobby","from_seq":1,"to_seq":1}])");
  }
  SECTION("that are not") {
    world.run();
    world.wall_time = timestamp{noon.value + 2 * 120'001};
    world.post("attic", "missed too");
    auto& another = world.open();
    REQUIRE_FALSE(is_recovered(world.come(another, recovery_world::auth_of(session)), session));
    const auto joined = another.ask(R"(421["join_room",{"room":"lobby","history":0}])");
    REQUIRE(joined.size() == 3);
    CHECK(joined[1] == R"(42["gap",{"room_id":1,"room":"lobby","from_seq":1,"to_seq":1}])");
    const auto attic = another.ask(R"(422["join_room",{"room":"attic","history":0}])");
    REQUIRE(attic.size() == 3);
    CHECK(attic[1] == R"(42["gap",{"room_id":2,"room":"attic","from_seq":2,"to_seq":2}])");
  }
  SECTION("whose claims nobody has time for, by their offset alone") {
    world.run();
    std::ignore =
        world.ask<bool>(world.writer, op::end_recoverable{identity_of(session.pid).id, true});
    auto& another = world.open();
    REQUIRE_FALSE(is_recovered(world.come(another, recovery_world::auth_of(session)), session));
    const auto joined = another.ask(R"(421["join_room",{"room":"lobby","history":0}])");
    REQUIRE(joined.size() == 3);
    CHECK(joined[1] == R"(42["gap",{"room_id":1,"room":"lobby","from_seq":1,"to_seq":1}])");
  }
}

TEST_CASE("a gap is told by the join that lets its session in, not by one that is refused") {
  chat_settings settings;
  settings.members_per_room = 1;
  recovery_world world{{.settings = settings}};
  kept session;
  auto& ann = world.fresh_member("ann", session);
  ann.close();
  world.run();
  world.wall_time = timestamp{noon.value + 120'001};
  world.post("lobby", "missed");
  auto& ben = world.member("ben");
  auto& fresh = world.open();
  REQUIRE_FALSE(is_recovered(world.come(fresh, recovery_world::auth_of(session)), session));
  const std::string join = R"(421["join_room",{"room":"lobby","history":0}])";
  CHECK(any_has(fresh.ask(join), "limit_exceeded"));
  ben.close();
  world.run();
  const auto joined = fresh.ask(join);
  REQUIRE(joined.size() == 3);
  CHECK(joined[1] == R"(42["gap",{"room_id":1,"room":"lobby","from_seq":1,"to_seq":1}])");
  // Told only once.
  CHECK(fresh.ask(join).size() == 1);
}

TEST_CASE("a join whose ack said that it has a gap says it again if the ack was lost") {
  recovery_world world;
  for (std::int64_t i = 0; i <= max_since + 1; ++i)
    world.post("lobby", "old");
  kept session;
  auto& ann = world.fresh("ann", session);
  const auto joined = ann.ask(R"(421["join_room",{"room":"lobby","history":0,"since":1}])");
  REQUIRE(any_has(joined, R"("gap":true)"));
  REQUIRE(joined.size() == 2);
  SECTION("lost") {
    ann.close();
    world.post("lobby", "after");
    CHECK(world.back(session).second ==
          texts{R"(42["gap",{"room_id":1,"room":"lobby","from_seq":2,"to_seq":1002}])",
                lobby_event(1003, "bot", "after")});
  }
  SECTION("heard") {
    (void)heard(session, joined);
    ann.close();
    world.post("lobby", "after");
    CHECK(world.back(session).second == texts{lobby_event(1003, "bot", "after")});
  }
}

} // namespace
} // namespace hubbub::test
