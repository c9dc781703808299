// Orders of owners and admins in a room that several nodes serve.
#include "actors/room/room_lease.hpp"
#include "tests/actors/room/node_world.hpp"

#include <memory>
#include <random>
#include <string>

namespace hubbub::test {
namespace {

using namespace std::chrono_literals;

access_ptr orderer() {
  hubbub::access who;
  who.proven = true;
  who.user_id = "root";
  who.scope = access_scope::admin;
  return std::make_shared<const access>(std::move(who));
}

std::string kick_of(const std::string& banned) {
  return R"(42["kicked",{"room_id":1,"room":"lobby","by":"root","reason":null,"banned":)" +
         banned + R"(,"until":null}])";
}

struct ordered_world : node_world {
  using node_world::node_world;

  template <class Op>
  room_order order_elsewhere(Op op) const {
    op.room = room_id{1};
    const auto outcome = shared->write(std::move(op), noon);
    REQUIRE(std::holds_alternative<room_order>(outcome));
    return std::get<room_order>(outcome);
  }
  void ban_elsewhere(const std::string& user) const {
    order_elsewhere(op::set_standing{{}, standing_kind::ban, user, "root"});
  }
  std::string order(room_moderation what) {
    const auto done = order_by(orderer(), std::move(what));
    REQUIRE(done);
    return done->body;
  }
  call_outcome order_by(const access_ptr& who, room_moderation what) {
    const auto found = ask<resolve_outcome>(directory, resolve_room{"lobby", true, "olga"});
    REQUIRE(found);
    return ask<call_outcome>((*found)->room(), order_of(who, std::move(what)));
  }
};

TEST_CASE("a ban on another node comes between the messages before and after it") {
  ordered_world world;
  auto& ann = world.member("ann");
  auto& ben = world.member("ben");
  (void)ann.take();
  world.say_elsewhere("cy", "one");
  world.ban_elsewhere("ben");
  world.say_elsewhere("cy", "three");
  SECTION("when the head of the log is seen") {
    world.advance(1s);
    CHECK(ben.take() == texts{lobby_event(1, "cy", "one"), kick_of("true")});
    const auto came = ann.take();
    REQUIRE(came.size() == 3);
    CHECK(came[0] == lobby_event(1, "cy", "one"));
    CHECK(came[1].starts_with(R"(42["user_left")"));
    CHECK(shown({came[2]}) == "+2@3 ");
  }
  SECTION("before the ack of a message of this node") {
    CHECK(shown(ann.ask(send_message("four"))) == "+1@1 ?@ +2@3 =3@4 ");
    CHECK(ben.take() == texts{lobby_event(1, "cy", "one"), kick_of("true")});
  }
  CHECK(any_has(ben.ask(R"(421["join_room",{"room":"lobby"}])"), "forbidden"));
  // The room goes on after it.
  CHECK_FALSE(any_has(ann.ask(send_message("five")), "error"));
  CHECK(ben.take().empty());
}

TEST_CASE("mutes, lifted mutes, kicks and owners of another node are in force here") {
  ordered_world world;
  auto& ann = world.member("ann");
  auto& ben = world.member("ben");
  (void)ann.take();
  world.order_elsewhere(op::set_standing{{}, standing_kind::mute, "ben", "root"});
  world.advance(1s);
  CHECK(any_has(ben.take(), R"(42["muted",{"room_id":1,"room":"lobby","by":"root")"));
  CHECK(any_has(ben.ask(send_message("hi")), "forbidden"));
  world.order_elsewhere(op::drop_standing{{}, standing_kind::mute, "ben", "root"});
  world.advance(1s);
  CHECK(any_has(ben.take(), R"(42["unmuted")"));
  CHECK(shown(ben.ask(send_message("hi"))) == "=1@3 ");
  CHECK(shown(ann.take()) == "+1@3 ");
  world.order_elsewhere(op::expel_user{{}, "ben", "root", "enough"});
  world.advance(1s);
  CHECK(any_has(ben.take(), R"("reason":"enough","banned":false)"));
  CHECK(any_has(ben.ask(R"(421["join_room",{"room":"lobby"}])"), R"("ok":true)"));
  (void)ann.take();
  // Nobody's name is proven here, so a private room is nobody's.
  world.order_elsewhere(op::change_room{{}, true, "ann", "root"});
  world.advance(1s);
  const auto came = ann.take();
  REQUIRE_FALSE(came.empty());
  CHECK(
      came.front() ==
      R"(42["room_updated",{"room_id":1,"room":"lobby","private":true,"owner":"ann","closed":false}])");
  CHECK(any_has(came, kick_of("false")));
  CHECK(any_has(ben.take(), R"(42["kicked")"));
}

TEST_CASE("a room that is closed on another node is closed here, and opened again") {
  ordered_world world;
  auto& ann = world.member("ann");
  auto& ben = world.member("ben");
  (void)ann.take();
  world.say_elsewhere("cy", "one");
  world.order_elsewhere(op::change_room{{}, false, "ann", "root", true});
  const std::string updated =
      R"(42["room_updated",{"room_id":1,"room":"lobby","private":false,"owner":"ann",)"
      R"("closed":true}])";
  const std::string put_out =
      R"(42["kicked",{"room_id":1,"room":"lobby","by":"root","reason":"closed",)"
      R"("banned":false,"until":null}])";
  SECTION("when the head of the log is seen") {
    world.advance(1s);
    CHECK(ann.take() == texts{lobby_event(1, "cy", "one"), updated, put_out});
  }
  SECTION("before the answer to a message of this node, which is refused") {
    const auto came = ann.ask(send_message("two"));
    REQUIRE(came.size() == 4);
    CHECK(came[1] == updated);
    CHECK(came[2] == put_out);
    CHECK(any_has({came[3]}, "this room is closed"));
  }
  CHECK(ben.take() == texts{lobby_event(1, "cy", "one"), updated, put_out});
  CHECK(world.users_in(room_id{1}) == 0);
  CHECK(any_has(ben.ask(R"(421["join_room",{"room":"lobby"}])"), "this room is closed"));
  world.order_elsewhere(op::change_room{{}, std::nullopt, std::nullopt, "root", false});
  world.advance(1s);
  CHECK(any_has(ben.ask(R"(421["join_room",{"room":"lobby"}])"), R"("ok":true)"));
  CHECK(shown(ben.ask(send_message("three"))) == "=2@4 ");
}

TEST_CASE("an order of this node takes its place in the log, and in the logs of others") {
  const auto store = std::make_shared<shared_log>();
  ordered_world here{store};
  ordered_world there{store};
  auto& ann = here.member("ann");
  auto& ben = there.member("ben");
  auto& cy = there.member("cy");
  (void)ben.take();
  CHECK(shown(ann.ask(send_message("one"))) == "=1@1 ");
  (void)here.order(command::put_standing{{}, standing_kind::ban, "ben", std::nullopt, {}});
  CHECK(shown(ann.ask(send_message("two"))) == "=2@3 ");
  there.advance(1s);
  CHECK(shown(ben.take()) == "+1@1 ?@ ");
  CHECK(shown(cy.take()) == "+1@1 ?@ +2@3 ");
  // Nothing is carried out twice, on either.
  here.advance(2s);
  there.advance(2s);
  CHECK(ann.take().empty());
  CHECK(cy.take().empty());
  // It is lifted there and in force here.
  (void)there.order(command::lift_standing{{}, standing_kind::ban, "ben"});
  here.advance(1s);
  CHECK(
      any_has(here.connect("ben").ask(R"(421["join_room",{"room":"lobby"}])"), R"("ok":true)"));
}

TEST_CASE("an order is judged by what other nodes ordered before it") {
  ordered_world world;
  hubbub::access owner;
  owner.proven = true;
  owner.user_id = "olga";
  owner.scope = access_scope::write;
  const auto olga = std::make_shared<const access>(std::move(owner));
  auto& ann = world.member("ann");
  auto& nova = world.member("nova");
  (void)ann.take();
  (void)world.order(command::configure_room{{}, std::nullopt, "olga"});
  (void)ann.take();
  (void)nova.take();
  const command::put_standing ban{{}, standing_kind::ban, "nova", std::nullopt, {}};
  SECTION("a former owner's is refused") {
    world.order_elsewhere(op::change_room{{}, std::nullopt, "nova", "olga"});
    const auto refused = [&](room_moderation what) {
      const auto done = world.order_by(olga, std::move(what));
      return !done && done.error().code == error_code::forbidden;
    };
    CHECK(refused(ban));
    CHECK(any_has(nova.take(), R"("owner":"nova")"));
    CHECK(nova.take().empty());
    CHECK(refused(command::kick_user{{}, "nova", {}}));
    CHECK(refused(command::lift_standing{{}, standing_kind::ban, "ben"}));
    CHECK(refused(command::configure_room{{}, std::nullopt, "olga"}));
    CHECK_FALSE(any_has(ann.ask(send_message("on")), "error"));
    CHECK_FALSE(any_has(nova.ask(send_message("on")), "error"));
  }
  SECTION("nobody bans a new owner") {
    world.order_elsewhere(op::change_room{{}, std::nullopt, "nova", "olga"});
    const auto done = world.order_by(orderer(), ban);
    REQUIRE_FALSE(done);
    CHECK(done.error().message.find("owner of the room") != std::string::npos);
  }
  SECTION("one that may still be given comes after them") {
    world.ban_elsewhere("ben");
    world.say_elsewhere("cy", "one");
    CHECK(world.order_by(olga, ban));
    CHECK(any_has(nova.take(), R"(42["kicked")"));
    CHECK(world.shared->orders->back().rev == revision{4});
    CHECK(world.shared->orders->back().about.user_id == "nova");
  }
}

TEST_CASE("orders given on both nodes at once leave both with the same rights") {
  const auto store = std::make_shared<shared_log>();
  ordered_world here{store};
  ordered_world there{store};
  auto& ann = here.member("ann");
  auto& cy = there.member("cy");
  std::mt19937 random{7};
  for (int i = 0; i < 40; ++i) {
    auto& at = random() % 2 == 0 ? here : there;
    const std::string user = random() % 2 == 0 ? "ben" : "dee";
    const auto kind = random() % 2 == 0 ? standing_kind::ban : standing_kind::mute;
    if (random() % 2 == 0)
      (void)at.order(command::put_standing{{}, kind, user, std::nullopt, {}});
    else
      (void)at.order(command::lift_standing{{}, kind, user});
    if (random() % 4 == 0) (void)(random() % 2 == 0 ? ann : cy).ask(send_message("on"));
  }
  here.advance(1s);
  there.advance(1s);
  for (const auto kind : {standing_kind::ban, standing_kind::mute})
    CHECK(here.order(command::get_standings{{}, kind, std::nullopt, 10}) ==
          there.order(command::get_standings{{}, kind, std::nullopt, 10}));
}

} // namespace
} // namespace hubbub::test
