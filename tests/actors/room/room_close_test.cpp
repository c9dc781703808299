// A room that is closed and opened again: who is in it, what it refuses, and who gets it back.
#include "actors/room/room.hpp"
#include "actors/room/room_lease.hpp"
#include "tests/actors/proven_world.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace hubbub::test {
namespace {

using namespace std::chrono_literals;

constexpr auto closing_join = R"(421["join_room",{"room":"lobby","history":0}])";
constexpr auto closing_say = R"(422["send_message",{"room":"lobby","content":"hi"}])";
constexpr auto closing_type = R"(423["typing",{"room":"lobby","is_typing":true}])";
constexpr auto closing_read = R"(424["get_messages","lobby"])";
constexpr auto is_closed_answer =
    R"({"ok":false,"error":{"code":"forbidden","message":"this room is closed"}})";
constexpr auto updated_to_closed =
    R"(42["room_updated",{"room_id":1,"room":"lobby","private":false,"owner":"olga",)"
    R"("closed":true}])";
constexpr auto put_out_by_root =
    R"(42["kicked",{"room_id":1,"room":"lobby","by":"root","reason":"closed","banned":false,)"
    R"("until":null}])";
constexpr auto put_out_meanwhile =
    R"(42["kicked",{"room_id":1,"room":"lobby","by":null,"reason":"closed","banned":false,)"
    R"("until":null}])";

/// A chat whose users are proven, and whose lobby is olga's.
struct closing_world : proven_world {
  call_outcome call(call_command what, const access_ptr& who = root()) {
    const auto found = ask<resolve_outcome>(directory, resolve_room{"lobby", true, "olga"});
    REQUIRE(found);
    const auto name = std::make_shared<const user>(user{who->user_id, who->user_id, {}, who});
    return ask<call_outcome>((*found)->room(), room_call{name, std::move(what)});
  }
  std::string set_closed(bool is_closed) {
    const auto done = call(command::configure_room{{}, {}, {}, is_closed});
    REQUIRE(done);
    return done->body;
  }
  /// Gives the order without waiting for anything.
  void send_order(bool is_closed) {
    const auto who = root();
    const auto name = std::make_shared<const user>(user{who->user_id, who->user_id, {}, who});
    compat::anon_send(rooms.front(),
                      room_call{name, command::configure_room{{}, {}, {}, is_closed}});
  }
  /// Connects bob so that he can be recovered, and loses him when he is in two rooms.
  void lose_bob_of_two_rooms(std::string& pid) {
    texts came;
    auto& bob = come("bob", pid, came);
    join(bob);
    join(bob, "attic");
    lose(bob);
  }
};

TEST_CASE("a room that is closed is left by all, and each hears of nothing else") {
  closing_world world;
  REQUIRE(world.call(command::configure_room{{}, false, {}, {}})); // it is olga's
  auto& olga = world.enter("olga");
  auto& bob = world.enter("bob");
  auto& also_bob = world.enter("bob", 1);
  (void)olga.ask(closing_say);
  (void)olga.take();
  (void)bob.take();
  (void)also_bob.take();
  CHECK(world.set_closed(true) ==
        R"({"room":{"id":1,"name":"lobby","private":false,"owner":"olga","closed":true}})");
  for (auto* each : {&olga, &bob, &also_bob})
    CHECK(each->take() == texts{updated_to_closed, put_out_by_root});
  CHECK(world.users_in(room_id{1}) == 0);

  // Nobody comes in or says anything, not even the owner and admins; everybody reads on.
  for (auto* each : {&olga, &bob})
    for (const auto* request : {closing_join, closing_say, closing_type})
      CHECK(any_has(each->ask(request), is_closed_answer));
  CHECK(any_has(bob.ask(R"(425["edit_message",{"room":"lobby","seq":1,"content":"x"}])"),
                is_closed_answer));
  CHECK(
      any_has(olga.ask(R"(425["delete_message",{"room":"lobby","seq":1}])"), is_closed_answer));
  CHECK(any_has(bob.ask(closing_read), R"("content":"hi")"));
  CHECK(any_has(bob.ask(R"(426["get_members","lobby"])"), R"("members_total":0)"));
  CHECK(world.call(command::send_message{{}, "x", {}}).error().message ==
        "this room is closed");
  CHECK(world.set_closed(true).ends_with(R"("closed":true}})")); // again
  CHECK(bob.take().empty());

  CHECK(world.set_closed(false).ends_with(R"("closed":false}})"));
  CHECK(any_has(bob.ask(closing_join), "\"ok\":true"));
  CHECK(any_has(bob.ask(closing_say), R"("seq":2,"rev":2)"));
  CHECK(also_bob.take().empty());
}

TEST_CASE("a closed room is told nothing by the program around the chat") {
  closing_world world;
  auto& ann = world.enter("ann");
  auto& bob = world.enter("bob");
  const auto broadcast = [&world] {
    return world.ask<broadcast_outcome>(world.rooms.front(),
                                        room_broadcast{"polled", "1", false});
  };
  CHECK(*broadcast());
  CHECK(any_has(ann.take(), R"(42["polled",1])"));
  (void)world.set_closed(true);
  compat::anon_send(world.rooms.front(), room_observation{bob.id(), true});
  world.run();
  (void)bob.take();
  const auto refused = broadcast();
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == error_code::forbidden);
  CHECK(bob.take().empty());
  (void)world.set_closed(false);
  (void)bob.take();
  CHECK(*broadcast());
  CHECK_FALSE(bob.take().empty());
}

TEST_CASE("whoever may read a closed room marks how far, and nobody else") {
  closing_world world;
  REQUIRE(world.call(command::put_standing{{}, standing_kind::member, "bob", {}, {}}));
  auto& ann = world.enter("ann");
  auto& bob = world.enter("bob");
  (void)ann.ask(closing_say);
  (void)ann.ask(closing_say);
  constexpr auto mark = R"(427["mark_read",{"room":"lobby","seq":1}])";
  (void)world.set_closed(true);
  (void)ann.take();
  (void)bob.take();
  CHECK(bob.ask(mark) == texts{R"(437[{"ok":true,"seq":1,"unread":1}])"});
  CHECK(any_has(ann.ask(mark), R"("unread":0)"));
  REQUIRE(world.call(command::configure_room{{}, true, {}, {}}));
  CHECK(any_has(bob.ask(mark), "\"ok\":true"));
  CHECK(any_has(ann.ask(mark), R"("code":"not_found")"));
  REQUIRE(world.call(command::configure_room{{}, false, {}, {}}));
  (void)world.set_closed(false);
  CHECK(any_has(bob.ask(mark), not_a_member));
}

TEST_CASE("only the owner and admins close a room, and it stays closed while it sleeps") {
  closing_world world;
  (void)world.set_closed(false);
  hubbub::access eve;
  eve.proven = true;
  eve.user_id = "eve";
  const command::configure_room closing{{}, {}, {}, true};
  CHECK(world.call(closing, std::make_shared<const access>(eve)).error().code ==
        error_code::forbidden);
  CHECK(world.call(closing, open_access()).error().code == error_code::forbidden);
  eve.user_id = "olga";
  CHECK(world.call(closing, std::make_shared<const access>(eve)));
  world.run(); // the lease has ended
  world.advance(11s);
  REQUIRE(world.rooms_awake() == 0);
  auto& bob = world.open();
  REQUIRE(any_has(bob.ask("40{" + world.auth_of("bob") + "}"), "40{"));
  CHECK(any_has(bob.ask(closing_join), is_closed_answer));
}

TEST_CASE("a room that was closed is not given back to a recovered session") {
  closing_world world;
  REQUIRE(world.call(command::put_standing{{}, standing_kind::member, "bob", {}, {}}));
  auto& ann = world.enter("ann");
  std::string pid;
  texts came;
  auto& bob = world.come("bob", pid, came);
  REQUIRE(any_has(bob.ask(closing_join), "\"ok\":true"));
  const bool is_away = GENERATE(false, true);
  if (is_away) world.lose(bob);
  (void)world.set_closed(true);
  if (!is_away) {
    CHECK(any_has(bob.take(), put_out_by_root));
    world.lose(bob);
  }
  const bool opens = GENERATE(false, true);
  if (opens) {
    (void)world.set_closed(false);
    REQUIRE(any_has(ann.ask(closing_join), "\"ok\":true"));
    (void)ann.ask(closing_say);
  }
  const auto before = pid;
  auto& again = world.come("bob", pid, came);
  CHECK(pid == before);
  // Who was there has been told so already.
  CHECK(any_has(came, R"(42["kicked",{"room_id":1,"room":"lobby","by":null)") == is_away);
  CHECK(any_has(came, put_out_meanwhile) == (is_away && !opens));
  CHECK_FALSE(any_has(came, "new_message"));
  CHECK(world.users_in(room_id{1}) == (opens ? 1 : 0));
  // It is told so once.
  world.lose(again);
  (void)world.come("bob", pid, came);
  CHECK_FALSE(any_has(came, "kicked"));
}

TEST_CASE("a room that was lost costs a session none of its others") {
  closing_world world;
  auto& ann = world.enter("ann");
  std::string pid;
  texts came;
  const auto how = GENERATE("it was closed", "it became private", "its user left the roster",
                            "the token does not include it");
  CAPTURE(how);
  const auto set_private = [&world](bool is_private) {
    REQUIRE(world.call(command::configure_room{{}, is_private, {}, {}}));
  };
  const auto is = [&how](std::string_view other) { return how == other; };
  const bool by_roster = is("its user left the roster");
  if (by_roster) {
    REQUIRE(world.call(command::put_standing{{}, standing_kind::member, "bob", {}, {}}));
    set_private(true);
  }
  world.lose_bob_of_two_rooms(pid);
  if (is("it was closed")) {
    (void)world.set_closed(true);
    (void)world.set_closed(false);
  } else if (is("it became private")) {
    set_private(true);
    set_private(false);
  } else if (by_roster) {
    REQUIRE(world.call(command::lift_standing{{}, standing_kind::member, "bob"}));
    set_private(false);
  }
  // More than could be replayed to a session that had been there all the time.
  for (std::int64_t i = 0; i <= max_since; ++i)
    REQUIRE(world.call(command::send_message{{}, "without bob", {}}));
  REQUIRE(any_has(ann.ask(R"(421["join_room","attic"])"), "\"ok\":true"));
  (void)ann.ask(R"(422["send_message",{"room":"attic","content":"for bob"}])");
  const auto before = pid;
  auto& again = world.come("bob", pid, came,
                           is("the token does not include it") ? R"(,"rooms":["attic"])" : "");
  CHECK(pid == before);
  CHECK(any_has(came, "for bob"));
  CHECK(any_has(came, R"(42["kicked",{"room_id":1,"room":"lobby","by":null)"));
  CHECK_FALSE(any_has(came, "gap"));
  CHECK_FALSE(any_has(came, "without bob"));
  CHECK_FALSE(any_has(again.ask(closing_join), R"(42["gap")"));
}

TEST_CASE("a room that was closed is not owed to a session that begins anew") {
  closing_world world;
  (void)world.enter("ann");
  std::string pid;
  texts came;
  world.lose_bob_of_two_rooms(pid);
  (void)world.set_closed(true);
  (void)world.set_closed(false);
  REQUIRE(world.call(command::send_message{{}, "without bob", {}}));
  world.wall_time = timestamp{noon.value + 120'001}; // its window is over
  const auto before = pid;
  auto& again = world.come("bob", pid, came);
  REQUIRE(pid != before);
  CHECK_FALSE(any_has(again.ask(closing_join), R"(42["gap")"));
}

TEST_CASE("a room that is closed while a session returns does not let it in") {
  closing_world world;
  auto& ann = world.enter("ann");
  std::string pid;
  texts came;
  auto& bob = world.come("bob", pid, came);
  REQUIRE(any_has(bob.ask(closing_join), "\"ok\":true"));
  world.lose(bob);
  (void)ann.ask(closing_say);
  auto& again = world.open();
  again.send(R"(40{"recover":true,)" + world.auth_of("bob") + R"(,"pid":")" + pid + "\"}");
  while (again.connection().frames.empty()) // until the claim is granted
    REQUIRE(world.step());
  world.hold(world.reader);
  world.run(); // the room's own read waits
  (void)world.set_closed(true);
  (void)world.set_closed(false);
  world.release_all();
  world.run();
  const auto heard = again.take();
  CHECK(any_has(heard, put_out_by_root));
  CHECK_FALSE(any_has(heard, "new_message"));
  CHECK(world.users_in(room_id{1}) == 0);
}

TEST_CASE("what is on its way when a room is closed is refused") {
  closing_world world;
  auto& ann = world.enter("ann");
  (void)ann.ask(closing_say);
  (void)ann.take();
  auto& bob = world.open();
  const bool recovers = GENERATE(false, true);
  const std::string recover = recovers ? R"("recover":true,)" : "";
  REQUIRE(any_has(bob.ask("40{" + recover + world.auth_of("bob") + "}"), "40{"));
  // Bob's join waits for the log, and ann's message stands behind the order in the store's
  // queue.
  world.hold(world.reader);
  bob.send(R"(421["join_room",{"room":"lobby","history":200,"since":0}])");
  world.run();
  world.hold(world.writer);
  world.send_order(true);
  ann.send(closing_say);
  world.run();
  CHECK(ann.take().empty());
  world.release(world.writer);
  world.run();
  world.release_all();
  world.run();
  const auto heard = ann.take();
  CHECK(any_has(heard, put_out_by_root));
  CHECK(any_has(heard, is_closed_answer));
  const auto told = bob.take();
  CHECK(any_has(told, is_closed_answer));
  CHECK_FALSE(any_has(told, "\"ok\":true"));
  CHECK(world.log().find_room(room_id{1})->last_seq == sequence{1});
  CHECK(world.users_in(room_id{1}) == 0);
}

} // namespace
} // namespace hubbub::test
