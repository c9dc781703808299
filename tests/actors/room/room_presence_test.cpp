#include "actors/room/room.hpp"
#include "tests/actors/chat_world.hpp"

namespace hubbub::test {
namespace {

using namespace std::chrono_literals;

constexpr auto typing = R"(421["typing",{"room":"lobby","is_typing":true}])";
constexpr auto stops_typing = R"(421["typing",{"room":"lobby","is_typing":false}])";
constexpr auto leave = R"(421["leave_room","lobby"])";
constexpr auto ok = R"(431[{"ok":true}])";

TEST_CASE("a join is told to the others, once a user") {
  chat_world world;
  auto& ann = world.member("ann", 0);
  auto& ben = world.member("ben", 1);
  CHECK(ann.take() == texts{joined_lobby("ben", 2)});
  (void)world.member("ben", 0);
  CHECK(ann.take().empty());
  CHECK(ben.take().empty());
}

TEST_CASE("a leave is told when the user's last socket leaves, with the reason") {
  chat_world world;
  auto& ann = world.member("ann", 0);
  auto& first = world.member("ben", 1);
  auto& second = world.member("ben", 0);
  (void)ann.take();
  CHECK(first.ask(leave) == texts{ok});
  CHECK(ann.take().empty());
  SECTION("by itself") {
    CHECK(second.ask(leave) == texts{ok});
    CHECK(ann.take() == texts{left_lobby("ben", "leave", 1)});
  }
  SECTION("with its connection") {
    const auto [reason, word] = GENERATE(std::pair{close_reason::client_close, "disconnect"},
                                         std::pair{close_reason::transport_error, "disconnect"},
                                         std::pair{close_reason::parse_error, "disconnect"},
                                         std::pair{close_reason::ping_timeout, "timeout"},
                                         std::pair{close_reason::slow_reader, "slow_reader"});
    second.close(reason);
    world.run();
    CHECK(ann.take() == texts{left_lobby("ben", word, 1)});
  }
}

TEST_CASE("nobody is told of those who leave because the server stops") {
  chat_world world;
  auto& ann = world.member("ann");
  auto& ben = world.member("ben");
  (void)ann.take();
  ben.close(close_reason::shutdown);
  world.run();
  CHECK(ann.take().empty());
  // Nobody is there any more whom a message could reach.
  CHECK(world.users_in(room_id{1}) == 1);
  const auto members = ann.ask(R"(421["get_members","lobby"])");
  CHECK(any_has(members, R"("members_total":1)"));
  CHECK_FALSE(any_has(members, R"("ben")"));
  CHECK_FALSE(
      ann.ask(R"(422["send_message",{"room":"lobby","content":"who is left?"}])").empty());
  CHECK(ben.take().empty());
}

TEST_CASE(
    "a user of whom one session was closed since the server stops leaves with the other") {
  chat_world world;
  auto& ann = world.member("ann");
  auto& ben = world.member("ben");
  auto& also_ben = world.member("ben");
  (void)ann.take();
  ben.close(close_reason::shutdown);
  world.run();
  CHECK(ann.take().empty());
  also_ben.close(close_reason::client_close);
  world.run();
  CHECK(ann.take() == texts{left_lobby("ben", "disconnect", 1)});
}

TEST_CASE("joining and leaving twice is no error and tells nobody") {
  chat_world world;
  auto& ann = world.member("ann");
  auto& ben = world.member("ben");
  (void)ann.take();
  CHECK(any_has(ben.ask(R"(421["join","lobby"])"), R"("members_total":2)"));
  CHECK(ann.take().empty());
  CHECK(ben.ask(leave) == texts{ok});
  CHECK(ann.take().size() == 1);
  CHECK(ben.ask(leave) == texts{ok});
  CHECK(ann.take().empty());
}

TEST_CASE("typing is passed on to the members who are other users") {
  chat_world world;
  auto& ann = world.member("ann", 0);
  auto& also_ann = world.member("ann", 1);
  auto& ben = world.member("ben", 1);
  (void)ann.take();
  (void)also_ann.take();
  CHECK(ann.ask(typing) == texts{ok});
  CHECK(ann.ask(typing) == texts{ok}); // a renewal too
  CHECK(ann.ask(stops_typing) == texts{ok});
  CHECK(ben.take() == texts{typing_in_lobby("ann", true), typing_in_lobby("ann", true),
                            typing_in_lobby("ann", false)});
  CHECK(also_ann.take().empty());
}

TEST_CASE("only members type") {
  chat_world world;
  auto& ben = world.member("ben");
  auto& ann = world.connect("ann");
  CHECK(any_has(ann.ask(typing), R"("code":"not_a_member")"));
  CHECK(ben.take().empty());
}

TEST_CASE("typing is never queued behind a slow reader") {
  chat_world world;
  auto& ann = world.member("ann");
  auto& ben = world.member("ben");
  ben.connection().congested = true;
  (void)ann.ask(typing);
  CHECK(ben.take().empty());
}

TEST_CASE("typing turns false by itself, unless renewed") {
  chat_world world;
  auto& ann = world.member("ann");
  auto& ben = world.member("ben");
  (void)ann.ask(typing);
  world.advance(5s);
  (void)ann.ask(typing);
  world.advance(5999ms);
  CHECK(ben.take() == texts{typing_in_lobby("ann", true), typing_in_lobby("ann", true)});
  world.advance(1ms);
  CHECK(ben.take() == texts{typing_in_lobby("ann", false)});
  world.advance(60s);
  CHECK(ben.take().empty());
}

TEST_CASE("each typist expires at its own time") {
  chat_world world;
  auto& ann = world.member("ann");
  auto& ben = world.member("ben");
  auto& cid = world.member("cid");
  (void)ben.ask(typing);
  world.advance(2s);
  (void)ann.ask(typing);
  (void)cid.take();
  world.advance(4s);
  CHECK(cid.take() == texts{typing_in_lobby("ben", false)});
  world.advance(2s);
  CHECK(cid.take() == texts{typing_in_lobby("ann", false)});
}

TEST_CASE("sending ends typing before the message comes") {
  chat_world world;
  auto& ann = world.member("ann");
  auto& ben = world.member("ben");
  (void)ann.ask(typing);
  (void)ben.take();
  (void)ann.ask(R"(421["send_message",{"room":"lobby","content":"hi"}])");
  CHECK(ben.take() == texts{typing_in_lobby("ann", false), lobby_event(1, "ann", "hi")});
  world.advance(60s);
  CHECK(ben.take().empty());
}

TEST_CASE("leaving ends typing, and the leaver does not hear of itself") {
  chat_world world;
  auto& ann = world.member("ann", 0);
  // on ann's thread, whose relay then gets the room's events
  auto& ben = world.member("ben", 0);
  (void)ann.take();
  SECTION("by leave_room") {
    (void)ann.ask(typing);
    (void)ben.take();
    CHECK(ann.ask(leave) == texts{ok});
    CHECK(ben.take() == texts{typing_in_lobby("ann", false), left_lobby("ann", "leave", 1)});
  }
  SECTION("by a lost connection") {
    (void)ann.ask(typing);
    (void)ben.take();
    ann.close();
    world.run();
    CHECK(ben.take() ==
          texts{typing_in_lobby("ann", false), left_lobby("ann", "disconnect", 1)});
  }
  SECTION("but not where another of the user's sockets types") {
    auto& also_ann = world.member("ann", 1);
    (void)also_ann.ask(typing);
    (void)ben.take();
    CHECK(ann.ask(leave) == texts{ok});
    CHECK(ben.take().empty());
  }
}

class crowded_world : public chat_world {
 public:
  crowded_world() : chat_world(with_threshold()) {}

 private:
  static world_options with_threshold() {
    world_options options;
    options.settings.presence_threshold = 2;
    options.settings.presence_changes = 4;
    return options;
  }
};

std::string presence(std::string_view joined, std::string_view left, int total) {
  std::string text = R"(42["presence",{"room_id":1,"room":"lobby","joined":[)";
  text.append(joined).append(R"(],"left":[)").append(left).append(R"(],"members_total":)");
  return text.append(std::to_string(total)).append("}]");
}

constexpr auto cid_user = R"({"user_id":"cid","username":"cid"})";

TEST_CASE("in a crowd joins and leaves are told together, once a second") {
  crowded_world world;
  auto& ann = world.member("ann");
  (void)world.member("ben");
  (void)ann.take();
  auto& cid = world.member("cid"); // the third one: from here on it is a crowd
  auto& dan = world.member("dan");
  CHECK(ann.take().empty());
  world.advance(999ms);
  CHECK(ann.take().empty());
  world.advance(1ms);
  CHECK(
      ann.take() ==
      texts{presence(std::string{cid_user} + R"(,{"user_id":"dan","username":"dan"})", "", 4)});

  (void)dan.ask(leave);
  world.advance(500ms);
  (void)cid.ask(leave); // not a crowd any more, but events keep their order
  CHECK(ann.take().empty());
  world.advance(500ms);
  CHECK(
      ann.take() ==
      texts{presence("", std::string{cid_user} + R"(,{"user_id":"dan","username":"dan"})", 2)});
  (void)world.member("ann");
  world.advance(10s);
  CHECK(ann.take().empty());
}

TEST_CASE("who comes and goes within one interval, unseen, is not told of") {
  crowded_world world;
  auto& ann = world.member("ann");
  (void)world.member("ben");
  auto& cid = world.member("cid");
  (void)cid.ask(leave);
  (void)ann.take();
  world.advance(10s);
  CHECK(ann.take().empty());
  (void)cid.ask(R"(421["join","lobby"])");
  world.advance(1s);
  CHECK(ann.take() == texts{presence(cid_user, "", 3)});
}

constexpr auto dan_user = R"({"user_id":"dan","username":"dan"})";

constexpr auto cid_id = R"("user_id":"cid")";

TEST_CASE("who was shown to somebody and leaves within one interval is told to have left") {
  crowded_world world;
  auto& ann = world.member("ann");
  (void)world.member("ben");
  auto& cid = world.member("cid");
  (void)ann.take();
  SECTION("by the ack of a join") {
    auto& dan = world.connect("dan");
    CHECK(any_has(dan.ask(R"(421["join","lobby"])"), cid_id));
    (void)cid.ask(leave);
    world.advance(1s);
    CHECK(dan.take() == texts{presence(dan_user, cid_user, 3)});
    CHECK(ann.take() == texts{presence(dan_user, cid_user, 3)});
  }
  SECTION("by a list of members") {
    CHECK(any_has(ann.ask(R"(421["get_members","lobby"])"), cid_id));
    (void)cid.ask(leave);
    world.advance(1s);
    CHECK(ann.take() == texts{presence("", cid_user, 2)});
  }
  SECTION("by a list over HTTP") {
    const auto page = world.ask<call_outcome>(world.rooms.front(),
                                              call_of("web", command::get_members{{}, {}, 10}));
    REQUIRE(page);
    CHECK(page->body.find(R"("members_total":3)") != std::string::npos);
    (void)cid.ask(leave);
    world.advance(1s);
    CHECK(ann.take() == texts{presence("", cid_user, 2)});
  }
  world.advance(10s);
  CHECK(ann.take().empty());
}

TEST_CASE("who was missing in a list and comes back within one interval is told to be here") {
  crowded_world world;
  auto& ann = world.member("ann");
  (void)world.member("ben");
  (void)world.member("eve");
  auto& cid = world.member("cid");
  world.advance(1s);
  (void)ann.take();
  (void)cid.ask(leave);
  auto& dan = world.connect("dan");
  CHECK_FALSE(any_has(dan.ask(R"(421["join","lobby"])"), cid_id));
  (void)cid.ask(R"(421["join","lobby"])");
  (void)cid.ask(leave);
  (void)cid.ask(R"(421["join","lobby"])");
  world.advance(1s);
  const auto both = std::string{cid_user} + "," + dan_user;
  CHECK(dan.take() == texts{presence(both, "", 5)});
  CHECK(ann.take() == texts{presence(both, "", 5)});
}

TEST_CASE("what waits to be told of a crowd is bounded") {
  crowded_world world;
  auto& ann = world.member("ann");
  (void)world.member("ben");
  (void)ann.take();
  for (const auto* name : {"cid", "dan", "eve"})
    (void)world.member(name);
  CHECK(ann.take().empty());
  (void)world.member("fay");
  const auto told = ann.take();
  REQUIRE(told.size() == 1);
  CHECK(any_has(told, R"("user_id":"cid")"));
  CHECK(any_has(told, R"("user_id":"fay")"));
  world.advance(1s);
  CHECK(ann.take().empty());
}

} // namespace
} // namespace hubbub::test
