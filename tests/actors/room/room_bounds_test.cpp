// How much may wait for a room and for the writer before they refuse more.
#include "actors/room/room.hpp"
#include "tests/actors/chat_world.hpp"

namespace hubbub::test {
namespace {

constexpr auto page_ack = R"("ok":true,"messages":)";
constexpr auto overloaded_field = R"("ok":false,"error":{"code":"overloaded")";

void ask_for_page(client& who, int id) {
  who.send("42" + std::to_string(id) + R"(["get_messages",{"room":"lobby"}])");
}
void say(client& who, int id) {
  who.send("42" + std::to_string(id) + R"(["send_message",{"room":"lobby","content":"x"}])");
}

TEST_CASE("a room in which too many requests wait refuses more, whoever they are from") {
  chat_settings settings;
  settings.requests_per_room = 2;
  chat_world world{{.settings = settings}};
  auto& ann = world.member("ann");
  auto& ben = world.member("ben", 1);
  (void)ann.take();
  world.hold(world.reader);
  ask_for_page(ann, 1); // is being read
  ask_for_page(ann, 2); // waits for the first
  world.run();
  REQUIRE(ann.take().empty());
  ask_for_page(ann, 3);
  ask_for_page(ben, 1);
  world.run();
  const auto to_ann = ann.take();
  REQUIRE(to_ann.size() == 1);
  CHECK(to_ann[0].starts_with("433["));
  CHECK(any_has(to_ann, overloaded_field));
  CHECK(any_has(ben.take(), overloaded_field));
  CHECK(world.refused(refused_by::requests_per_room) == 2);
  // A command that waits for nothing is carried out, and a leave always is.
  say(ben, 2);
  world.run();
  CHECK(any_has(ben.take(), R"("ok":true)"));
  CHECK(ann.take() == texts{lobby_event(1, "ben", "x")});
  ann.send(R"(424["leave_room","lobby"])");
  world.run();
  world.release_all();
  world.run();
  const auto later = ann.take();
  REQUIRE(later.size() == 3);
  CHECK(later[0].find(page_ack) != std::string::npos);
  CHECK(later[1].find(page_ack) != std::string::npos);
  CHECK(later[2] == R"(434[{"ok":true}])");
  ask_for_page(ben, 3);
  world.run();
  CHECK(any_has(ben.take(), page_ack));
  CHECK(ann.connection().requests_in_flight == 0);
  CHECK(ben.connection().requests_in_flight == 0);
}

TEST_CASE("requests of sockets that are gone count until their turn has come") {
  chat_settings settings;
  settings.requests_per_room = 3;
  chat_world world{{.settings = settings}};
  auto& ann = world.member("ann");
  auto& ben = world.member("ben");
  (void)ann.take();
  world.hold(world.reader);
  for (int id = 1; id <= 3; ++id)
    ask_for_page(ann, id);
  ann.close();
  world.run();
  ask_for_page(ben, 1);
  world.run();
  CHECK(any_has(ben.take(), overloaded_field));
  world.release_all();
  world.run();
  (void)ben.take();
  ask_for_page(ben, 2);
  world.run();
  CHECK(any_has(ben.take(), page_ack));
  CHECK(world.users_in(room_id{1}) == 1);
}

TEST_CASE("past what a thread's rooms may have unstored, messages are refused in their turn") {
  chat_settings settings;
  settings.writes_per_thread = 2;
  chat_world world{{.settings = settings, .threads = 1}};
  auto& ann = world.member("ann");
  auto& ben = world.connect("ben");
  (void)ben.ask(R"(421["join_room","attic"])");
  world.hold(world.writer);
  for (int id = 1; id <= 3; ++id)
    say(ann, id);
  ben.send(R"(422["send_message",{"room":"attic","content":"x"}])");
  world.run();
  CHECK(ann.take().empty());
  CHECK(ben.take().empty());
  world.release_all();
  world.run();
  const auto answers = ann.take();
  REQUIRE(answers.size() == 3);
  CHECK(answers[0].starts_with(R"(431[{"ok":true)"));
  CHECK(answers[1].starts_with(R"(432[{"ok":true)"));
  CHECK(answers[2].starts_with(R"(433[{)" + std::string{overloaded_field}));
  CHECK(any_has(ben.take(), overloaded_field)); // in another room of the thread
  CHECK(world.refused(refused_by::writes_per_thread) == 2);
  CHECK(world.log().find_room(room_id{1})->last_seq == sequence{2});
  CHECK(world.log().find_room(room_id{2})->last_seq == sequence{0});
  say(ann, 4);
  world.run();
  CHECK(any_has(ann.take(), R"(434[{"ok":true)"));
  CHECK(world.log().find_room(room_id{1})->last_seq == sequence{3});
}

TEST_CASE("what a room writes for itself is stored however many messages wait") {
  chat_settings settings;
  settings.writes_per_thread = 1;
  chat_world world{{.settings = settings, .threads = 1}};
  auto& ann = world.member("ann");
  auto& ben = world.open();
  (void)ben.ask(R"(40{"recover":true,"username":"ben"})");
  world.hold(world.writer);
  say(ann, 1);
  ben.send(R"(421["join_room",{"room":"lobby","history":0}])");
  world.run();
  CHECK(ben.take().empty());
  world.release_all();
  world.run();
  CHECK(any_has(ben.take(), R"(431[{"ok":true)"));
  CHECK(world.users_in(room_id{1}) == 2);
}

TEST_CASE("no room is made where there are as many as there may be") {
  chat_world world{{.max_rooms = 1}};
  (void)world.member("ann");
  auto& ben = world.connect("ben");
  const auto refused = ben.ask(R"(421["join_room","attic"])");
  CHECK(any_has(refused, R"("code":"limit_exceeded")"));
  CHECK(world.refused(refused_by::rooms) == 1);
  CHECK(any_has(ben.ask(R"(422["join_room","lobby"])"), R"("ok":true)"));
}

} // namespace
} // namespace hubbub::test
