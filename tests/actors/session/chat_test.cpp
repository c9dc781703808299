#include "actors/session/chat.hpp"
#include "tests/actors/chat_world.hpp"

#include <string>

namespace hubbub::test {
namespace {

constexpr auto join = R"(421["join_room","lobby"])";

std::string only(const texts& all) {
  REQUIRE(all.size() == 1);
  return all.front();
}

/// Returns the user_id of the only member in a join ack.
std::string name_in(const std::string& ack) {
  static constexpr std::string_view key = R"("members":[{"user_id":")";
  const auto at = ack.find(key);
  REQUIRE(at != std::string::npos);
  const auto first = at + key.size();
  return ack.substr(first, ack.find('"', first) - first);
}

TEST_CASE("only the main namespace is served") {
  chat_world world;
  auto& ann = world.open();
  CHECK(ann.ask("40/admin,") == texts{R"(44/admin,{"message":"Invalid namespace"})"});
  CHECK(any_has(ann.ask("40"), R"(40{"sid":")"));
}

TEST_CASE("an unusable name in the handshake is refused, and another may be tried") {
  chat_world world;
  auto& ann = world.open();
  for (const char* auth :
       {R"({"username":7})", R"({"username":"  "})", R"({"username":["a"]})"})
    CHECK(only(ann.ask(std::string{"40"} + auth))
              .starts_with(R"(44{"message":"bad_request","data":{"code":"bad_request")"));
  CHECK_FALSE(ann.connection().closed);
  CHECK(any_has(ann.ask(R"(40{"username":"ann"})"), R"(40{"sid":")"));
}

TEST_CASE("the handshake's name holds, whatever a join says") {
  chat_world world;
  auto& ann = world.connect("ann");
  CHECK(name_in(only(ann.ask(R"(421["join",{"room":"lobby","username":"ben"}])"))) == "ann");
  CHECK(name_in(only(ann.ask(R"(421["join",{"room":"attic","username":7}])"))) == "ann");
}

TEST_CASE("the first join names one that came without a name") {
  chat_world world;
  auto& client = world.connect("");
  CHECK(any_has(client.ask(R"(421["join",{"room":"lobby","username":7}])"),
                R"("code":"bad_request")"));
  CHECK(name_in(only(client.ask(R"(421["join",{"room":"lobby","username":"ben"}])"))) == "ben");
  CHECK(name_in(only(client.ask(R"(421["join",{"room":"attic","username":"cid"}])"))) == "ben");
}

TEST_CASE("who gives no name is a guest with one of its own") {
  chat_world world;
  const auto first = name_in(only(world.connect("").ask(R"(421["join","lobby"])")));
  REQUIRE(first.size() == 12);
  CHECK(first.starts_with("guest-"));
  CHECK(first.find_first_not_of("abcdefghijklmnopqrstuvwxyz", 6) == std::string::npos);
  CHECK(name_in(only(world.connect("").ask(R"(421["join","attic"])"))) != first);
}

TEST_CASE("an event the chat does not know fails, with an ack and without") {
  chat_world world;
  auto& ann = world.connect("ann");
  CHECK(only(ann.ask(R"(421["dance"])"))
            .starts_with(R"(431[{"ok":false,"error":{"code":"unknown_event")"));
  CHECK(only(ann.ask(R"(42["dance"])"))
            .starts_with(R"(42["error",{"event":"dance","code":"unknown_event")"));
  CHECK(only(ann.ask(R"(42[7])"))
            .starts_with(R"(42["error",{"event":"7","code":"unknown_event")"));
  CHECK_FALSE(ann.connection().closed);
}

TEST_CASE("an event with a wrong payload fails alone") {
  chat_world world;
  auto& ann = world.connect("ann");
  CHECK(any_has(ann.ask(R"(421["join_room"])"), R"("code":"bad_request")"));
  CHECK(any_has(ann.ask(R"(421["send_message",{"room":"lobby"}])"), R"("code":"bad_request")"));
  CHECK(any_has(ann.ask(R"(421["leave_room",{"room_id":"x"}])"), R"("code":"bad_request")"));
  CHECK(ann.connection().requests_in_flight == 0);
  CHECK(any_has(ann.ask(join), R"("ok":true)"));
}

TEST_CASE("rooms that do not exist are not found, but a join by name makes one") {
  chat_world world;
  auto& ann = world.connect("ann");
  for (const char* packet :
       {R"(421["leave_room","lobby"])", R"(421["get_messages","lobby"])",
        R"(421["get_members","lobby"])",
        R"(421["send_message",{"room":"lobby","content":"x"}])",
        R"(421["typing",{"room":"lobby","is_typing":true}])", R"(421["join_room",1])"})
    CHECK(any_has(ann.ask(packet), R"("code":"not_found")"));
  CHECK(ann.connection().requests_in_flight == 0);
  CHECK(any_has(ann.ask(join), R"("ok":true)"));
}

TEST_CASE("without auto_create_rooms a join makes no room") {
  world_options options;
  options.settings.auto_create_rooms = false;
  chat_world world{options};
  auto& ann = world.connect("ann");
  CHECK(any_has(ann.ask(join), R"("code":"not_found")"));
  world.post("lobby", "hi");
  CHECK(any_has(ann.ask(join), R"("ok":true)"));
}

TEST_CASE("a socket is in 100 rooms at most") {
  chat_world world;
  auto& ann = world.connect("ann");
  const auto join_number = [&](int i) {
    return only(ann.ask(R"(421["join_room","room )" + std::to_string(i) + "\"]"));
  };
  for (int i = 1; i <= 100; ++i)
    REQUIRE(join_number(i).find(R"("ok":true)") != std::string::npos);
  CHECK(join_number(101).find(R"("code":"limit_exceeded")") != std::string::npos);
  CHECK(join_number(7).find(R"("ok":true)") != std::string::npos); // it is in
  CHECK(ann.ask(R"(421["leave_room","room 7"])") == texts{R"(431[{"ok":true}])"});
  CHECK(join_number(101).find(R"("ok":true)") != std::string::npos);
  CHECK(ann.connection().requests_in_flight == 0);
}

TEST_CASE("a room that refuses a join is none of the socket's rooms") {
  world_options options;
  options.settings.limits.rooms_per_socket = 2;
  options.settings.members_per_room = 1;
  chat_world world{options};
  auto& ann = world.member("ann");
  auto& ben = world.connect("ben");
  const auto join_room = [&](const std::string& room) {
    return only(ben.ask("421[\"join_room\",\"" + room + "\"]"));
  };
  const auto was_let_in = [&](const std::string& room) {
    return join_room(room).find(R"("ok":true)") != std::string::npos;
  };
  for (int i = 0; i < 3; ++i)
    CHECK(join_room("lobby").find("the room is full") != std::string::npos);
  CHECK(was_let_in("a"));
  CHECK(was_let_in("b"));
  CHECK(join_room("c").find("2 rooms at once") != std::string::npos);
  CHECK(world.refused(refused_by::members_per_room) == 3);
  CHECK(world.refused(refused_by::rooms_per_socket) == 1);
  // Joined twice, left once; and a refusal takes no seat from those who are in.
  CHECK(was_let_in("a"));
  std::ignore = ben.ask(R"(42["leave_room","a"])");
  std::ignore = ann.ask(R"(42["leave_room","lobby"])");
  CHECK(was_let_in("lobby"));
  CHECK_FALSE(was_let_in("c"));
  ben.close();
  world.run();
  CHECK(world.users_in(room_id{1}) == 0);
}

TEST_CASE("a join that is refused does not undo one that is on its way") {
  world_options options;
  options.settings.requests_per_room = 1;
  options.settings.limits.rooms_per_socket = 1;
  chat_world world{options};
  world.post("lobby", "hi");
  auto& ann = world.connect("ann");
  std::ignore = ann.ask(R"(421["get_members","lobby"])"); // the room is awake
  world.hold(world.reader);
  ann.send(R"(421["join_room",{"room":1,"history":1}])");
  world.run();
  ann.send(R"(422["join_room",{"room":1}])");
  world.run();
  CHECK(only(ann.take()).starts_with(R"(432[{"ok":false,"error":{"code":"overloaded")"));
  world.release_all();
  world.run();
  CHECK(only(ann.take()).starts_with(R"(431[{"ok":true)"));
  CHECK(any_has(ann.ask(R"(423["join_room","another"])"), "limit_exceeded"));
  CHECK(world.users_in(room_id{1}) == 1);
  ann.close();
  world.run();
  CHECK(world.users_in(room_id{1}) == 0); // and it leaves no ghost
}

TEST_CASE("what comes behind a room that is looked for waits for it") {
  chat_world world;
  auto& ann = world.member("ann");
  world.hold(world.reader);
  ann.send(R"(421["join_room","attic"])");
  ann.send(R"(422["send_message",{"room":"attic","content":"a"}])");
  ann.send(R"(423["get_members","lobby"])");
  ann.send(R"(424["get_members","attic"])");
  world.run();
  CHECK(ann.take().empty());
  CHECK(ann.connection().requests_in_flight == 4);
  world.release_all();
  world.run();
  const auto heard = ann.take();
  REQUIRE(heard.size() == 4);
  CHECK(any_has(heard, R"(431[{"ok":true)"));
  CHECK(any_has(heard, R"(432[{"ok":true,"message")"));
  CHECK(any_has(heard, R"(433[{"ok":true)"));
  CHECK(any_has(heard, R"(434[{"ok":true)"));
  CHECK(ann.connection().requests_in_flight == 0);
}

TEST_CASE("a room is the same by its name and its number") {
  chat_world world;
  auto& ann = world.member("ann");
  ann.send(R"(421["send_message",{"room_id":1,"content":"a"}])");
  ann.send(R"(422["send_message",{"room":"lobby","content":"b"}])");
  ann.send(R"(423["send_message",{"room_id":"1","content":"c"}])");
  world.run();
  const auto heard = ann.take();
  REQUIRE(heard.size() == 3);
  CHECK(any_has({heard[0]}, lobby_message(1, "ann", "a")));
  CHECK(any_has({heard[1]}, lobby_message(2, "ann", "b")));
  CHECK(any_has({heard[2]}, lobby_message(3, "ann", "c")));
}

TEST_CASE("a socket has only so many requests waiting") {
  world_options options;
  options.settings.requests_per_socket = 2;
  chat_world world{options};
  auto& ann = world.member("ann");
  auto& ben = world.connect("ben");
  world.hold(world.writer);
  for (int i = 0; i < 3; ++i)
    ann.send(R"(421["send_message",{"room":"lobby","content":"x"}])");
  world.run();
  CHECK(only(ann.take()).find(R"("code":"overloaded")") != std::string::npos);
  CHECK(any_has(ben.ask(R"(421["get_members","lobby"])"), R"("ok":true)")); // others may
  CHECK(world.refused(refused_by::requests_per_socket) == 1);
  world.release_all();
  world.run();
  CHECK(ann.take().size() == 2);
  CHECK(any_has(ann.ask(R"(421["get_members","lobby"])"), R"("ok":true)"));
}

TEST_CASE("who leaves the namespace leaves its rooms and may come back as another") {
  chat_world world;
  auto& ann = world.member("ann", 0);
  auto& ben = world.member("ben", 0);
  (void)ann.take();
  ben.send("41");
  world.run();
  CHECK(ann.take() == texts{left_lobby("ben", "disconnect", 1)});
  CHECK_FALSE(ben.connection().closed);
  (void)ann.ask(R"(42["send_message",{"room":"lobby","content":"x"}])");
  CHECK(any_has(ben.ask(R"(40{"username":"cid"})"), R"(40{"sid":")"));
  (void)ann.ask(R"(42["send_message",{"room":"lobby","content":"y"}])");
  CHECK(ben.take().empty());
  CHECK(any_has(ben.ask(join), R"("user_id":"cid")"));
  CHECK(ann.take() == texts{joined_lobby("cid", 2)});
  (void)ann.ask(R"(42["send_message",{"room":"lobby","content":"z"}])");
  CHECK(ben.take() == texts{lobby_event(3, "ann", "z")});
}

TEST_CASE("what rooms still say to a socket that left is not heard by the one that came back") {
  chat_world world;
  auto& ann = world.member("ann", 0);
  auto& ben = world.member("ben", 0);
  (void)ben.take();
  world.hold(world.writer);
  ben.send(R"(421["send_message",{"room":"lobby","content":"mine"}])");
  world.run(); // so ben's departure waits for the store
  ben.send("41");
  ben.send("40");
  (void)ann.ask(R"(42["typing",{"room":"lobby","is_typing":true}])");
  CHECK(only(ben.take()).starts_with(R"(40{"sid":")"));
  world.release_all();
  world.run();
  CHECK(ben.take().empty());
  CHECK(ben.connection().requests_in_flight == 0);
  CHECK(ann.take() == texts{lobby_event(1, "ben", "mine"), left_lobby("ben", "disconnect", 1)});
  CHECK(any_has(ben.ask(R"(421["join_room",{"room":"lobby","username":"cid"}])"),
                R"("user_id":"cid")"));
  (void)ann.ask(R"(42["send_message",{"room":"lobby","content":"x"}])");
  CHECK(ben.take().back() == lobby_event(2, "ann", "x"));
}

TEST_CASE("what was asked before leaving the namespace and not passed on is forgotten") {
  chat_world world;
  auto& ann = world.connect("ann");
  world.hold(world.reader);
  ann.send(join);
  ann.send(R"(422["get_members","lobby"])");
  world.run();
  CHECK(ann.connection().requests_in_flight == 2);
  ann.send("41");
  ann.send(R"(40{"username":"ben"})");
  world.run();
  CHECK(ann.connection().requests_in_flight == 0);
  ann.send(R"(423["join_room","attic"])");
  world.run();
  (void)ann.take();
  world.release_all();
  world.run();
  CHECK(only(ann.take()).starts_with(R"(433[{"ok":true)"));
  world.advance(std::chrono::seconds{11});
  CHECK(world.rooms_awake() == 1); // the lobby was looked up for nobody
}

TEST_CASE("a connection that ends while a room is looked for leaves nobody behind") {
  chat_world world;
  auto& ann = world.connect("ann");
  world.hold(world.writer);
  ann.send(join);
  world.run();
  ann.close();
  world.run();
  world.release_all();
  world.run();
  CHECK(world.users_in(room_id{1}) == 0);
  world.advance(std::chrono::seconds{11});
  CHECK(world.rooms_awake() == 0);
}

} // namespace
} // namespace hubbub::test
