#include "actors/room/room.hpp"
#include "tests/actors/chat_world.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace hubbub::test {
namespace {

using namespace std::chrono_literals;

/// Returns the `seq`s of the messages in a text, in order: "3 4 5".
std::string numbers(const std::string& text) {
  static constexpr std::string_view key = R"("seq":)";
  std::string found;
  for (auto at = text.find(key); at != std::string::npos; at = text.find(key, at + 1)) {
    const auto first = at + key.size();
    found += (found.empty() ? "" : " ") + text.substr(first, text.find(',', first) - first);
  }
  return found;
}

std::string only(const texts& all) {
  REQUIRE(all.size() == 1);
  return all.front();
}

bool has_gap(const std::string& ack) {
  const bool gap = ack.find(R"("gap":true)") != std::string::npos;
  REQUIRE(gap != (ack.find(R"("gap":false)") != std::string::npos));
  return gap;
}

void post_many(chat_world& world, int count) {
  for (int i = 0; i < count; ++i)
    world.post("lobby", "x");
}

/// Makes the room drop its recent messages.
void send_to_sleep(chat_world& world) {
  world.advance(11s);
  REQUIRE(world.rooms_awake() == 0);
}

TEST_CASE("a room in which nothing was said is joined without a read") {
  chat_world world;
  (void)world.member("ann");
  auto& ben = world.connect("ben");
  world.hold(world.reader);
  CHECK(only(ben.ask(R"(421["join_room","lobby"])")).starts_with(R"(431[{"ok":true)"));
}

TEST_CASE("who joins a crowded room is shown there, before the first members if none of them") {
  chat_world world;
  for (std::size_t i = 0; i < max_join_members; ++i)
    (void)world.member("b" + std::to_string(i));
  const auto entry = [](const std::string& name) {
    return R"({"user_id":")" + name + R"(","username":")" + name + R"(","connections":1})";
  };
  constexpr auto join = R"(421["join_room",{"room":"lobby","history":0}])";
  CHECK(any_has(world.connect("zoe").ask(join),
                R"("members":[)" + entry("zoe") + ',' + entry("b0") + ','));
  CHECK(any_has(world.connect("b00").ask(join),
                R"("members":[)" + entry("b0") + ',' + entry("b00") + ','));
}

TEST_CASE("a join of an unknown name creates the room and says who is there") {
  chat_world world;
  CHECK(world.connect("ann").ask(R"(421["join_room",{"room":"lobby"}])") ==
        texts{R"(431[{"ok":true,"room":{"id":1,"name":"lobby","first_seq":1,"last_seq":0},)"
              R"("members":[{"user_id":"ann","username":"ann","connections":1}],)"
              R"("members_total":1,"messages":[],"gap":false,"read_seq":0,"unread":0}])"});
  CHECK(any_has(world.connect("ann").ask(R"(421["join_room",{"room_id":"1"}])"),
                R"("connections":2}],"members_total":1)"));
}

TEST_CASE("a join brings the newest messages, from the room and from the store alike") {
  chat_world world;
  post_many(world, 5);
  if (GENERATE(false, true)) send_to_sleep(world);
  auto& ann = world.connect("ann");
  const auto join = [&](const std::string& more) {
    (void)ann.ask(R"(421["leave_room","lobby"])");
    const auto ack = only(ann.ask(R"(421["join_room",{"room":"lobby")" + more + "}]"));
    CHECK_FALSE(has_gap(ack));
    CHECK(ack.find(R"("last_seq":5)") != std::string::npos);
    return numbers(ack);
  };
  CHECK(join(R"(,"history":0)").empty());
  CHECK(join(R"(,"history":2)") == "4 5");
  CHECK(join("") == "1 2 3 4 5");
  CHECK(join(R"(,"history":200)") == "1 2 3 4 5");
}

TEST_CASE("since brings all that was missed") {
  chat_world world;
  post_many(world, 5);
  if (GENERATE(false, true)) send_to_sleep(world);
  auto& ann = world.connect("ann");
  const auto join = [&](const std::string& since) {
    return only(
        ann.ask(R"(421["join_room",{"room":"lobby","history":1,"since":)" + since + "}]"));
  };
  CHECK(numbers(join("2")) == "3 4 5");
  CHECK_FALSE(has_gap(join("2")));
  CHECK(numbers(join("0")) == "1 2 3 4 5");
  CHECK_FALSE(has_gap(join("0")));
  CHECK(numbers(join("5")).empty());
  CHECK_FALSE(has_gap(join("5")));
  CHECK(numbers(join("6")) == "5"); // the room never had it
  CHECK(has_gap(join("6")));
}

TEST_CASE("a since that missed too much is a gap with the newest page") {
  chat_world world;
  post_many(world, 1001);
  if (GENERATE(false, true)) send_to_sleep(world);
  auto& ann = world.connect("ann");
  const auto whole = only(ann.ask(R"(421["join_room",{"room":"lobby","since":1}])"));
  CHECK_FALSE(has_gap(whole));
  CHECK(numbers(whole).starts_with("2 3 4"));
  CHECK(numbers(whole).ends_with("1000 1001"));
  const auto cut = only(ann.ask(R"(421["join_room",{"room":"lobby","history":2,"since":0}])"));
  CHECK(has_gap(cut));
  CHECK(numbers(cut) == "1000 1001");
}

TEST_CASE("a since beyond the end of a room, whatever its number, is a gap") {
  chat_world world;
  const auto count = GENERATE(0, 3);
  post_many(world, count);
  auto& ann = world.connect("ann");
  for (const auto* since : {"4", "9007199254740993", "9223372036854775807"}) {
    CAPTURE(count, since);
    const auto join = R"(421["join_room",{"room":"lobby","since":)" + std::string{since} + "}]";
    const auto ack = only(ann.ask(join));
    CHECK(has_gap(ack));
    CHECK(numbers(ack) == (count == 0 ? "" : "1 2 3"));
  }
}

TEST_CASE("history and live messages meet without hole or overlap") {
  chat_world world;
  post_many(world, 3);
  send_to_sleep(world);
  auto& ben = world.connect("ben");
  (void)ben.ask(R"(421["join_room",{"room":"lobby","history":0}])");
  world.hold(world.reader);
  auto& ann = world.connect("ann");
  const auto [options, expected] =
      GENERATE(std::pair{R"("history":50)", "1 2 3 4 5"}, std::pair{R"("history":3)", "3 4 5"},
               std::pair{R"("since":1)", "2 3 4 5"});
  ann.send(std::string{R"(421["join_room",{"room":"lobby",)"} + options + "}]");
  world.run(); // the join waits for the reader
  for (int i = 0; i < 2; ++i)
    (void)ben.ask(R"(421["send_message",{"room":"lobby","content":"y"}])");
  CHECK(ann.take().empty());
  world.release_all();
  world.run();
  CHECK(numbers(only(ann.take())) == expected);
  (void)ben.ask(R"(421["send_message",{"room":"lobby","content":"z"}])");
  CHECK(ann.take() == texts{[] {
          auto event = lobby_event(6, "ben", "z");
          return event;
        }()});
}

TEST_CASE("a message committed but not told yet is no part of the history") {
  chat_world world;
  post_many(world, 2);
  send_to_sleep(world);
  auto& ben = world.connect("ben");
  (void)ben.ask(R"(421["join_room",{"room":"lobby","history":0}])");
  auto& ann = world.connect("ann");
  const auto room = world.rooms.back();
  ben.send(R"(421["send_message",{"room":"lobby","content":"y"}])");
  world.hold(world.writer);
  world.run(); // the append waits
  ann.send(R"(421["join_room","lobby"])");
  world.hold(world.reader);
  world.run(); // so does the read, which was asked for before the append was answered
  world.hold(room);
  world.release(world.writer);
  world.run(); // committed, but the room has not been told
  world.release(world.reader);
  world.run();
  world.release_all();
  world.run();
  const auto heard = ann.take();
  std::string all;
  for (const auto& text : heard)
    all += numbers(text) + "|";
  // Together they are 1 2 3, whichever of the two answers the room took first.
  CHECK((all == "1 2 3|" || all == "1 2|3|"));
}

TEST_CASE("more than the room keeps may come while a join reads") {
  chat_world world;
  post_many(world, 3);
  send_to_sleep(world);
  auto& ben = world.connect("ben");
  (void)ben.ask(R"(421["join_room",{"room":"lobby","history":0}])");
  world.hold(world.reader);
  auto& ann = world.connect("ann");
  const bool since = GENERATE(false, true);
  ann.send(since ? R"(421["join_room",{"room":"lobby","since":2}])"
                 : R"(421["join_room",{"room":"lobby","history":4}])");
  world.run();
  for (int i = 0; i < 201; ++i)
    ben.send(R"(42["send_message",{"room":"lobby","content":"y"}])");
  world.run();
  world.release_all();
  world.run();
  const auto ack = only(ann.take());
  CHECK_FALSE(has_gap(ack));
  if (since) {
    CHECK(numbers(ack).starts_with("3 4 5"));
    CHECK(numbers(ack).ends_with("203 204"));
  } else {
    CHECK(numbers(ack) == "201 202 203 204");
  }
}

/// Lets a reader answer once, after Ben has sent this, with another content each time, so often
/// that the room keeps less.
void read_once(chat_world& world, client& ben, const std::string& what) {
  world.hold(world.reader);
  for (int i = 0; i < 201; ++i)
    ben.send(what + R"(,"content":")" + std::to_string(i) + "\"}]");
  world.run();
  const auto room = world.rooms.back();
  world.hold(room);
  world.release(world.reader);
  world.run();
  world.hold(world.reader);
  world.release(room);
  world.run();
}

TEST_CASE("a join in a room that goes on faster than it is read ends all the same") {
  chat_settings settings;
  settings.open_edit = true;
  chat_world world{{.settings = settings}};
  auto& first = world.member("ben");
  for (int i = 0; i < 3; ++i)
    (void)first.ask(R"(42["send_message",{"room":"lobby","content":"x"}])");
  first.close();
  world.run();
  send_to_sleep(world);
  auto& ben = world.connect("ben");
  (void)ben.ask(R"(421["join_room",{"room":"lobby","history":0}])");
  auto& ann = world.connect("ann");
  world.hold(world.reader);
  const bool since = GENERATE(false, true);
  const bool edits = GENERATE(false, true);
  ann.send(since ? R"(421["join_room",{"room":"lobby","since":1,"history":4}])"
                 : R"(421["join_room",{"room":"lobby","history":200}])");
  world.run();
  const std::string what = edits ? R"(42["edit_message",{"room":"lobby","seq":2)"
                                 : R"(42["send_message",{"room":"lobby")";
  texts heard;
  int reads = 0;
  while (heard.empty() && reads < 20) {
    read_once(world, ben, what);
    heard = ann.take();
    ++reads;
  }
  REQUIRE_FALSE(heard.empty());
  const auto& ack = heard.front();
  REQUIRE(ack.starts_with("431"));
  CHECK(reads <= 4);
  CHECK(has_gap(ack) == since);
  // It has the newest of what the room keeps, which is nothing where nothing new was said.
  const auto newest = std::to_string(3 + reads * 201);
  CHECK(std::ranges::count(numbers(ack), ' ') == (edits ? 0 : since ? 3 : 199));
  CHECK(numbers(ack).substr(numbers(ack).rfind(' ') + 1) == (edits ? "" : newest));
  // What follows is told.
  world.release(world.reader);
  (void)ben.ask(R"(42["send_message",{"room":"lobby","content":"z"}])");
  CHECK(numbers(ann.take().back()) == std::to_string(edits ? 4 : 4 + reads * 201));
}

TEST_CASE("a page of a room that is changed faster than it is read is refused") {
  chat_settings settings;
  settings.open_edit = true;
  chat_world world{{.settings = settings}};
  auto& ben = world.member("ben");
  for (int i = 0; i < 3; ++i)
    (void)ben.ask(R"(42["send_message",{"room":"lobby","content":"x"}])");
  auto& ann = world.connect("ann");
  world.hold(world.reader);
  ann.send(R"(421["get_messages",{"room":"lobby"}])");
  world.run();
  const std::string what = R"(42["edit_message",{"room":"lobby","seq":2)";
  for (int i = 0; i < 2; ++i)
    read_once(world, ben, what);
  CHECK(ann.take().empty());
  read_once(world, ben, what);
  CHECK(any_has(ann.take(), overloaded_answer));
  world.release(world.reader);
  CHECK(numbers(only(ann.ask(R"(421["get_messages",{"room":"lobby"}])"))) == "1 2 3");
}

TEST_CASE("a join whose history cannot be read fails and may be tried again") {
  chat_world world;
  post_many(world, 3);
  send_to_sleep(world);
  auto& ann = world.connect("ann");
  (void)ann.ask(R"(421["get_members",{"room":"lobby"}])"); // the room is awake
  world.hold(world.reader);
  ann.send(R"(421["join_room","lobby"])");
  ann.send(R"(422["send_message",{"room":"lobby","content":"y"}])");
  world.run();
  CHECK(ann.take().empty());
  world.advance(30s); // too slow
  const auto heard = ann.take();
  REQUIRE(heard.size() == 2);
  CHECK(any_has({heard[0]}, R"(431[{"ok":false,"error":{"code":"storage_error")"));
  CHECK(any_has({heard[1]}, R"(432[{"ok":false,"error":{"code":"not_a_member")"));
  CHECK(ann.connection().requests_in_flight == 0);
  CHECK(world.users_in(room_id{1}) == 0);
  world.release_all();
  world.run();
  CHECK(ann.take().empty());
  CHECK(numbers(only(ann.ask(R"(421["join_room","lobby"])"))) == "1 2 3");
}

TEST_CASE("no event reaches a socket before its join ack or after its leave ack") {
  chat_world world;
  auto& ann = world.member("ann", 0);
  auto& ben = world.connect("ben", 0);
  ann.send(R"(42["send_message",{"room":"lobby","content":"1"}])");
  ben.send(R"(421["join_room",{"room":"lobby","history":0}])");
  ann.send(R"(42["send_message",{"room":"lobby","content":"2"}])");
  world.run();
  auto heard = ben.take();
  REQUIRE_FALSE(heard.empty());
  CHECK(any_has({heard.front()}, R"(431[{"ok":true)"));
  ann.send(R"(42["send_message",{"room":"lobby","content":"3"}])");
  ben.send(R"(422["leave_room","lobby"])");
  ann.send(R"(42["send_message",{"room":"lobby","content":"4"}])");
  world.run();
  heard = ben.take();
  REQUIRE_FALSE(heard.empty());
  CHECK(heard.back() == R"(432[{"ok":true}])");
}

TEST_CASE("history is paged in both directions, by members and others") {
  chat_world world;
  post_many(world, 5);
  auto& ann = world.connect("ann");
  const auto page = [&](const std::string& range) {
    const auto ack =
        only(ann.ask(R"(421["get_messages",{"room":"lobby","limit":2)" + range + "}]"));
    const bool more = ack.find(R"("has_more":true)") != std::string::npos;
    return numbers(ack) + (more ? " …" : "");
  };
  CHECK(page("") == "4 5 …");
  CHECK(page(R"(,"before":4)") == "2 3 …");
  CHECK(page(R"(,"before":2)") == "1");
  CHECK(page(R"(,"after":0)") == "1 2 …");
  CHECK(page(R"(,"after":3)") == "4 5");
  CHECK(page(R"(,"after":1,"before":4)") == "2 3");
  CHECK(page(R"(,"after":5)").empty());
  CHECK(ann.connection().requests_in_flight == 0);
}

TEST_CASE("members are listed for members and others") {
  chat_world world;
  (void)world.member("ann", 0);
  (void)world.member("ann", 1);
  (void)world.member("ben", 1);
  CHECK(
      world.connect("cid").ask(R"(421["get_members",{"room":"lobby","limit":1}])") ==
      texts{R"(431[{"ok":true,"members":[{"user_id":"ann","username":"ann","connections":2}],)"
            R"("members_total":2,"next":"ann"}])"});
  const auto page = world.ask<call_outcome>(
      world.rooms.front(), call_of("web", command::get_members{{}, "ann", 10}));
  REQUIRE(page);
  CHECK(page->body == R"({"members":[{"user_id":"ben","username":"ben","connections":1}],)"
                      R"("members_total":2,"next":null})");
}

TEST_CASE("a join, a message and a leave sent at once take effect in order") {
  chat_world world;
  post_many(world, 2);
  send_to_sleep(world); // the join has to read
  auto& ann = world.connect("ann");
  ann.send(R"(421["join_room","lobby"])");
  ann.send(R"(422["send_message",{"room":"lobby","content":"hi"}])");
  ann.send(R"(423["leave_room","lobby"])");
  ann.send(R"(424["join_room",{"room":"lobby","history":1}])");
  ann.send(R"(425["get_messages","lobby"])");
  world.run();
  const auto heard = ann.take();
  REQUIRE(heard.size() == 5);
  CHECK(numbers(heard[0]) == "1 2");
  CHECK(numbers(heard[1]) == "3");
  CHECK(heard[2] == R"(433[{"ok":true}])");
  CHECK(numbers(heard[3]) == "3");
  CHECK(numbers(heard[4]) == "1 2 3");
  CHECK(world.users_in(room_id{1}) == 1);
}

TEST_CASE("what retention removed is a gap to a since, and gone from the room's memory") {
  world_options options;
  options.retention = {{"*", 0, 2}};
  chat_world world{options};
  auto& ben = world.member("ben"); // the room stays awake
  post_many(world, 5);
  world.advance(1min);
  (void)ben.take();
  auto& ann = world.connect("ann");
  const auto join = [&](const std::string& more) {
    return only(ann.ask(R"(421["join_room",{"room":"lobby")" + more + "}]"));
  };
  const auto all = join("");
  CHECK(numbers(all) == "4 5");
  CHECK_FALSE(has_gap(all));
  CHECK(all.find(R"("first_seq":4,"last_seq":5)") != std::string::npos);
  CHECK_FALSE(has_gap(join(R"(,"since":3)")));
  CHECK(numbers(join(R"(,"since":3)")) == "4 5");
  CHECK(has_gap(join(R"(,"since":2)")));
  CHECK(numbers(join(R"(,"since":2)")) == "4 5");
  (void)ben.ask(R"(421["send_message",{"room":"lobby","content":"x"}])");
  (void)ann.take();
  CHECK(numbers(join(R"(,"since":5)")) == "6");
}

} // namespace
} // namespace hubbub::test
