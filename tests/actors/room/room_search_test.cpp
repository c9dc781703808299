#include "actors/room/room.hpp"
#include "tests/actors/chat_world.hpp"

namespace hubbub::test {
namespace {

TEST_CASE("a search finds the words of a room, for members and others") {
  chat_world world;
  auto& ann = world.member("ann");
  say(ann, "the quick fox");
  say(ann, "a slow dog");
  (void)ann.ask(R"(421["join_room","attic"])");
  (void)ann.ask(R"(421["send_message",{"room":"attic","content":"quick"}])");
  auto& ben = world.connect("ben");
  const auto packet = R"(421["search_messages",{"room":"lobby","q":"quick"}])";
  const auto found = R"(431[{"ok":true,"results":[{"message":)" +
                     lobby_message(1, "ann", "the quick fox") +
                     R"(,"snippet":[{"text":"the ","match":false},)"
                     R"({"text":"quick","match":true},{"text":" fox","match":false}]}],)"
                     R"("has_more":false}])";
  CHECK(ben.ask(packet) == texts{found});
  CHECK(ann.ask(packet) == texts{found});
  CHECK(ben.connection().requests_in_flight == 0);
  CHECK(any_has(ben.ask(R"(421["search_messages",{"room":"cellar","q":"x"}])"),
                R"("code":"not_found")"));
}

TEST_CASE("a search sees what its session sent before, and holds up nothing") {
  chat_world world;
  auto& ann = world.member("ann");
  world.hold(world.writer);
  ann.send(R"(421["send_message",{"room":"lobby","content":"needle"}])");
  ann.send(R"(422["search_messages",{"room":"lobby","q":"needle"}])");
  world.run();
  CHECK(ann.take().empty());
  world.release(world.writer);
  world.hold(world.searcher);
  ann.send(R"(423["get_messages","lobby"])");
  world.run();
  auto heard = ann.take();
  REQUIRE(heard.size() == 2);
  CHECK(heard[0].starts_with("431"));
  CHECK(heard[1].starts_with("433"));
  world.release_all();
  world.run();
  heard = ann.take();
  REQUIRE(heard.size() == 1);
  CHECK(any_has(heard, R"(432[{"ok":true,"results":[{"message":{"id":1,)"));
}

TEST_CASE("a search that takes too long is answered, and its room does not sleep before") {
  chat_world world;
  world.post("lobby", "x");
  auto& ann = world.connect("ann");
  world.hold(world.searcher);
  ann.send(R"(421["search_messages",{"room":"lobby","q":"x"}])");
  world.run();
  world.advance(std::chrono::seconds{9});
  CHECK(ann.take().empty());
  CHECK(world.rooms_awake() == 1);
  world.advance(std::chrono::seconds{1});
  CHECK(any_has(ann.take(), R"("code":"overloaded")"));
  CHECK(ann.connection().requests_in_flight == 0);
  world.advance(std::chrono::seconds{11});
  CHECK(world.rooms_awake() == 0);
}

TEST_CASE("a room lets only so many searches wait") {
  chat_world world;
  auto& ann = world.member("ann");
  say(ann, "x");
  world.hold(world.searcher);
  for (int i = 0; i < 33; ++i)
    ann.send(R"(421["search_messages",{"room":"lobby","q":"x"}])");
  world.run();
  CHECK(ann.take().size() == 1);
  world.release_all();
  world.run();
  CHECK(ann.take().size() == 32);
  CHECK(world.refused(refused_by::searches) == 1);
}

TEST_CASE("history is read around a message, and filtered") {
  chat_world world;
  auto& ann = world.member("ann");
  auto& ben = world.member("ben");
  for (int i = 0; i < 3; ++i) {
    say(ann, "x");
    say(ben, "y");
  }
  (void)ann.take();
  const auto page = ann.ask(R"(421["get_messages",{"room":"lobby","around":3,"limit":3}])");
  CHECK(any_has(page, R"("has_more":true,"has_more_before":true}])"));
  CHECK(any_has(page, R"("seq":2,)"));
  CHECK(any_has(page, R"("seq":4,)"));
  CHECK_FALSE(any_has(page, R"("seq":5,)"));
  const auto own = ann.ask(R"(421["get_messages",{"room":"lobby","user_id":"ann"}])");
  CHECK(any_has(own, R"("user_id":"ann")"));
  CHECK_FALSE(any_has(own, R"("user_id":"ben")"));
  CHECK_FALSE(any_has(own, "has_more_before"));
  const auto later =
      ann.ask(R"(421["get_messages",{"room":"lobby","from":"2023-11-14T22:13:20.001Z"}])");
  CHECK(any_has(later, R"("messages":[])"));
}

} // namespace
} // namespace hubbub::test
