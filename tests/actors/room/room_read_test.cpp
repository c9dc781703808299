#include "actors/room/room.hpp"
#include "tests/actors/chat_world.hpp"

namespace hubbub::test {
namespace {

void say_often(client& who, int times) {
  for (int i = 0; i < times; ++i)
    (void)who.ask(R"(420["send_message",{"room":"lobby","content":"x"}])");
}

texts mark(client& who, int seq) {
  return who.ask(R"(421["mark_read",{"room":"lobby","seq":)" + std::to_string(seq) + "}]");
}

std::string marked(int seq, int unread) {
  return R"(431[{"ok":true,"seq":)" + std::to_string(seq) + R"(,"unread":)" +
         std::to_string(unread) + "}]";
}

TEST_CASE("a marker stands where it was set, never goes back, and never passes the end") {
  chat_world world;
  auto& ann = world.member("ann");
  auto& ben = world.member("ben", 1);
  say_often(ann, 3);
  (void)ben.take();
  CHECK(mark(ben, 2) == texts{marked(2, 1)});
  CHECK(mark(ben, 1) == texts{marked(2, 1)});
  CHECK(mark(ben, 9) == texts{marked(3, 0)});
  CHECK(ben.connection().requests_in_flight == 0);
  CHECK(ann.take().empty());
  CHECK(world.log().find_room(room_id{1})->last_rev == revision{3});
}

TEST_CASE("a read that takes too long is answered, once") {
  chat_world world;
  auto& ann = world.member("ann");
  say_often(ann, 1);
  world.hold(world.reader);
  ann.send(R"(420["get_messages",{"room":"lobby"}])");
  ann.send(R"(421["get_members",{"room":"lobby"}])");
  world.run();
  CHECK(ann.take().empty());
  world.advance(std::chrono::milliseconds{29'000});
  CHECK(ann.take().empty());
  world.advance(std::chrono::milliseconds{1'000});
  const auto answers = ann.take();
  REQUIRE(answers.size() == 2);
  CHECK(answers[0].starts_with(R"(430[{"ok":false,"error":{"code":"storage_error")"));
  CHECK(answers[1].starts_with(R"(431[{"ok":true)"));
  CHECK(ann.connection().requests_in_flight == 0);

  world.release_all();
  world.run();
  CHECK(ann.take().empty()); // the answer came too late
  CHECK(ann.ask(R"(422["get_messages",{"room":"lobby"}])")
            .at(0)
            .starts_with(R"(432[{"ok":true)"));
}

TEST_CASE("one's own messages are never unread") {
  chat_world world;
  auto& ann = world.member("ann");
  auto& ben = world.member("ben");
  say_often(ann, 2);
  say_often(ben, 3);
  (void)ben.take();
  CHECK(mark(ben, 0) == texts{marked(0, 2)});
}

TEST_CASE("a marker is told to the user's other sockets in the room and to nobody else") {
  chat_world world;
  auto& ann = world.member("ann");
  auto& ben = world.member("ben", 0);
  auto& also_ben = world.member("ben", 1);
  auto& elsewhere = world.connect("ben", 1);
  (void)elsewhere.ask(R"(421["join_room","attic"])");
  say_often(ann, 2);
  for (auto* each : {&ann, &ben, &also_ben, &elsewhere})
    (void)each->take();
  CHECK(mark(ben, 1) == texts{marked(1, 1)});
  CHECK(also_ben.take() == texts{R"(42["read",{"room_id":1,"room":"lobby","seq":1}])"});
  CHECK(also_ben.connection().requests_in_flight == 0);
  CHECK(ann.take().empty());
  CHECK(elsewhere.take().empty());
  CHECK(ben.ask(R"(42["mark_read",{"room":"lobby","seq":2}])").empty());
  CHECK(also_ben.take().size() == 1);
  CHECK(ben.connection().requests_in_flight == 0);
}

TEST_CASE("only members mark, and only a room that is there") {
  chat_world world;
  (void)world.member("ann");
  auto& ben = world.connect("ben");
  CHECK(any_has(mark(ben, 1), not_a_member));
  CHECK(any_has(ben.ask(R"(421["mark_read",{"room":"attic","seq":1}])"),
                R"("code":"not_found")"));
}

TEST_CASE("a join tells how far the user has read, whoever has the messages") {
  chat_world world;
  auto& ann = world.member("ann");
  auto& ben = world.member("ben");
  say_often(ann, 3);
  (void)mark(ben, 1);
  if (GENERATE(false, true)) {
    ann.close();
    ben.close();
    world.run();
    world.advance(std::chrono::seconds{11});
    REQUIRE(world.rooms_awake() == 0);
  }
  const auto join = [&](std::string_view who) {
    return world.connect(who).ask(R"(421["join_room","lobby"])");
  };
  CHECK(any_has(join("ben"), R"("gap":false,"read_seq":1,"unread":2}])"));
  CHECK(any_has(join("ann"), R"("gap":false,"read_seq":0,"unread":0}])"));
  CHECK(any_has(join("cid"), R"("gap":false,"read_seq":0,"unread":3}])"));
}

TEST_CASE(
    "a mark takes effect behind what the session sent before, and what follows behind it") {
  chat_world world;
  auto& ann = world.member("ann");
  auto& ben = world.member("ben");
  say_often(ann, 1);
  (void)ben.take();
  world.hold(world.writer);
  ben.send(R"(421["mark_read",{"room":"lobby","seq":1}])");
  ben.send(R"(422["send_message",{"room":"lobby","content":"x"}])");
  ben.send(R"(423["leave_room","lobby"])");
  world.run();
  CHECK(ben.take().empty());
  world.release_all();
  world.run();
  const auto heard = ben.take();
  REQUIRE(heard.size() == 3);
  CHECK(any_has(heard, marked(1, 0)));
  CHECK(heard.back() == R"(433[{"ok":true}])");
}

TEST_CASE("marks leave room for messages where much waits for the store") {
  world_options options;
  options.settings.appends_per_room = 4;
  chat_world world{options};
  auto& ann = world.member("ann");
  say_often(ann, 1);
  world.hold(world.writer);
  for (int i = 0; i < 3; ++i)
    ann.send(R"(421["mark_read",{"room":"lobby","seq":1}])");
  world.run();
  CHECK(any_has(ann.take(), R"("code":"overloaded")"));
  CHECK(world.refused(refused_by::appends_per_room) == 1);
  ann.send(R"(422["send_message",{"room":"lobby","content":"x"}])");
  world.run();
  CHECK(ann.take().empty());
  world.release_all();
  world.run();
  CHECK(any_has(ann.take(), R"(432[{"ok":true)"));
}

} // namespace
} // namespace hubbub::test
