#include "tests/actors/session/relay_world.hpp"

namespace hubbub::test {
namespace {

constexpr room_id lobby{1};
constexpr room_id attic{2};

fan_out to_all(room_id room, std::string_view what, std::vector<session_id> except = {},
               bool is_volatile = false) {
  return {room, text_frame(what), std::move(except), is_volatile};
}

room_position at(room_id room, std::int64_t seq) {
  return {room, sequence{seq}, revision{seq}};
}

TEST_CASE("a room is heard by those who entered it, but not by the excepted") {
  relay_world world{3};
  world.enter(lobby, 1);
  world.enter(lobby, 2);
  world.enter(attic, 3);
  world.apply({to_all(lobby, "4a"), to_all(lobby, "4b", {{0, 1}})});
  CHECK(world.heard(1) == texts{"4a"});
  CHECK(world.heard(2) == texts{"4a", "4b"});
  CHECK(world.heard(3).empty());
  CHECK(world.stats().delivered == 3);
  CHECK(world.stats().connections == 3);
}

TEST_CASE("events that come together keep their order with the answers between them") {
  relay_world world{4};
  for (const std::uint64_t serial : {1U, 2U, 3U})
    world.enter(lobby, serial);
  world.outs[0]->requests_in_flight = 1;
  world.outs[3]->requests_in_flight = 1;
  world.apply({to_all(lobby, "4a", {{0, 2}}), reply{{0, 1}, text_frame("4ack")},
               reply{{0, 4}, text_frame("4refused")}, to_all(lobby, "4b", {{0, 1}}),
               tell{{0, 2}, text_frame("4aside")}, to_all(lobby, "4c")});
  CHECK(world.heard(1) == texts{"4a", "4ack", "4c"});
  CHECK(world.heard(2) == texts{"4b", "4aside", "4c"});
  CHECK(world.heard(3) == texts{"4a", "4b", "4c"});
  CHECK(world.heard(4) == texts{"4refused"});
  CHECK(world.outs[0]->requests_in_flight == 0);
  CHECK(world.outs[3]->requests_in_flight == 0);
  CHECK(world.stats().delivered == 7);
}

TEST_CASE("of events that come together a congested client misses those that may be lost") {
  relay_world world{2};
  world.enter(lobby, 1);
  world.enter(lobby, 2);
  world.outs[1]->congested = true;
  world.apply({to_all(lobby, "4typing", {}, true), to_all(lobby, "4said"),
               to_all(lobby, "4typed", {}, true)});
  CHECK(world.heard(1) == texts{"4typing", "4said", "4typed"});
  CHECK(world.heard(2) == texts{"4said"});
}

TEST_CASE("events that come together are not for a session that is about to leave") {
  relay_world world{2};
  world.enter(lobby, 1);
  world.enter(lobby, 2);
  world.outs[0]->life = 1;
  world.apply({to_all(lobby, "4a"), to_all(lobby, "4b", {{0, 1}})});
  CHECK(world.heard(1).empty());
  CHECK(world.heard(2) == texts{"4a", "4b"});
}

TEST_CASE("a pass knows since when its oldest event is on its way to somebody here") {
  relay_world world{1};
  world.enter(lobby, 1);
  const pass_clock::time_point start{std::chrono::hours{1}};
  auto event = to_all(attic, "nobody");
  event.since = start;
  world.apply({event});
  CHECK(world.passes->oldest == pass_clock::time_point{});
  event.room = lobby;
  event.since = start + std::chrono::seconds{2};
  world.apply({to_all(lobby, "unmeasured"), event});
  CHECK(world.passes->oldest == event.since);
}

TEST_CASE("orders are carried out one after the other") {
  relay_world world{1};
  world.apply({to_all(lobby, "4early"), enter_room{lobby, {0, 1}, text_frame("4in")},
               to_all(lobby, "4live"), exit_room{lobby, {0, 1}, text_frame("4out"), true},
               to_all(lobby, "4late")});
  CHECK(world.heard(1) == texts{"4in", "4live", "4out"});
}

TEST_CASE("who enters a room twice hears everything once") {
  relay_world world{1};
  world.enter(lobby, 1);
  world.apply({enter_room{lobby, {0, 1}, text_frame("4again")}, to_all(lobby, "4a")});
  CHECK(world.heard(1) == texts{"4again", "4a"});
  world.apply({exit_room{lobby, {0, 1}, nullptr, true}, to_all(lobby, "4b")});
  CHECK(world.heard(1).empty());
}

TEST_CASE("each answer counts as one request less, with or without a frame") {
  relay_world world{1};
  auto& in_flight = world.outs[0]->requests_in_flight;
  in_flight = 4;
  world.apply({reply{{0, 1}, text_frame("4x")}, reply{{0, 1}, nullptr}});
  CHECK(in_flight == 2);
  world.apply({enter_room{lobby, {0, 1}, nullptr}, exit_room{lobby, {0, 1}, nullptr, true}});
  CHECK(in_flight == 0);
  world.apply({exit_room{lobby, {0, 1}, nullptr, false}, reply{{0, 1}, nullptr}});
  CHECK(in_flight == 0); // never below
  CHECK(world.heard(1) == texts{"4x"});
}

TEST_CASE("a departure answers no request") {
  relay_world world{1};
  world.outs[0]->requests_in_flight = 1;
  world.apply({exit_room{lobby, {0, 1}, nullptr, false}});
  CHECK(world.outs[0]->requests_in_flight == 1);
}

TEST_CASE("what may be lost is not queued behind a slow reader") {
  relay_world world{2};
  world.enter(lobby, 1);
  world.enter(lobby, 2);
  world.outs[0]->congested = true;
  world.apply({to_all(lobby, "4typing", {}, true), to_all(lobby, "4message")});
  CHECK(world.heard(1) == texts{"4message"});
  CHECK(world.heard(2) == texts{"4typing", "4message"});
}

TEST_CASE("a detached session hears nothing and is held by nobody") {
  relay_world world{3};
  for (const auto room : {lobby, attic})
    for (const std::uint64_t serial : {1U, 2U, 3U})
      world.enter(room, serial);
  const std::weak_ptr<fake_connection> first = world.outs[0];
  world.detach(1);
  world.apply({to_all(lobby, "4a"), to_all(attic, "4b"), reply{{0, 1}, text_frame("4c")},
               enter_room{lobby, {0, 1}, text_frame("4d")}, to_all(lobby, "4e")});
  CHECK(world.heard(1).empty());
  CHECK(world.heard(2) == texts{"4a", "4b", "4e"});
  CHECK(world.heard(3) == texts{"4a", "4b", "4e"});
  CHECK(world.stats().connections == 2);
  world.outs[0].reset();
  CHECK(first.expired());
}

TEST_CASE("leaving in any order leaves the others in place") {
  for (const std::uint64_t leaver : {1U, 2U, 3U}) {
    relay_world world{3};
    for (const std::uint64_t serial : {1U, 2U, 3U})
      world.enter(lobby, serial);
    world.apply({exit_room{lobby, {0, leaver}, nullptr, true}});
    world.apply({to_all(lobby, "4a")});
    for (const std::uint64_t serial : {1U, 2U, 3U})
      CHECK(world.heard(serial).size() == (serial == leaver ? 0U : 1U));
  }
}

TEST_CASE("each recoverable subscriber hears the log with an offset of its own") {
  relay_world world{3};
  const auto mine = identity_of("mine");
  const auto yours = identity_of("yours");
  world.attach_recoverable(4, mine);
  world.attach_recoverable(5, yours);
  for (std::uint64_t serial = 3; serial <= 5; ++serial)
    world.apply({enter_room{lobby, {0, serial}, nullptr, at(lobby, 1)}});
  world.apply({enter_room{attic, {0, 4}, nullptr, at(attic, 7)}});
  auto event = to_all(lobby, R"(42["new_message",{}])");
  event.at = at(lobby, 2);
  (void)world.heard(4);
  (void)world.heard(5);
  world.apply({event});
  CHECK(world.heard(3) == texts{R"(42["new_message",{}])"});
  recovery_seal seal{{}};
  const auto offset = [&](std::uint64_t serial) {
    const auto text = world.heard(serial).at(0);
    REQUIRE(text.starts_with(R"(42["new_message",{},")"));
    return text.substr(21, text.size() - 23);
  };
  const auto first = offset(4);
  CHECK(seal.open(mine, first) == std::vector{at(lobby, 2), at(attic, 7)});
  CHECK_FALSE(seal.open(yours, first));
  CHECK(seal.open(yours, offset(5)) == std::vector{at(lobby, 2)});
  // An ack and an exit move it too; what is not of the log has no offset.
  world.apply({reply{{0, 4}, text_frame("430[]"), at(attic, 8)},
               exit_room{lobby, {0, 4}, nullptr}, tell{{0, 4}, text_frame("42[]")}});
  (void)world.heard(4);
  world.apply({tell{{0, 4}, text_frame(R"(42["new_message",{}])"), at(attic, 9)}});
  CHECK(seal.open(mine, offset(4)) == std::vector{at(attic, 9)});
}

/// Returns the offset in the event `offset`, or at the end of an event of the log.
std::string offset_in(const std::string& text) {
  REQUIRE(text.ends_with("\"]"));
  const auto from = text.rfind(",\"") + 2;
  return text.substr(from, text.size() - 2 - from);
}

TEST_CASE("what moves a position without an event is followed by one offset a pass") {
  relay_world world{1};
  const auto mine = identity_of("mine");
  world.attach_recoverable(2, mine);
  recovery_seal seal{{}};
  world.apply({enter_room{lobby, {0, 2}, text_frame("430[]"), at(lobby, 1)},
               enter_room{attic, {0, 2}, text_frame("431[]"), at(attic, 1)},
               reply{{0, 2}, text_frame("432[]"), at(attic, 2)}});
  auto heard = world.heard(2);
  REQUIRE(heard.size() == 4);
  CHECK(heard[2] == "432[]");
  CHECK(heard[3].starts_with(R"(42["offset",")"));
  CHECK(seal.open(mine, offset_in(heard[3])) == std::vector{at(lobby, 1), at(attic, 2)});
  // A later event of the log says it as well.
  auto event = to_all(lobby, R"(42["new_message",{}])");
  event.at = at(lobby, 2);
  world.apply({reply{{0, 2}, text_frame("433[]"), at(attic, 3)}, event});
  heard = world.heard(2);
  REQUIRE(heard.size() == 2);
  CHECK(seal.open(mine, offset_in(heard[1])) == std::vector{at(lobby, 2), at(attic, 3)});
  // An earlier one does not.
  event.at = at(lobby, 3);
  world.apply({event, reply{{0, 2}, text_frame("434[]"), at(attic, 4)}});
  heard = world.heard(2);
  REQUIRE(heard.size() == 3);
  CHECK(seal.open(mine, offset_in(heard[2])) == std::vector{at(lobby, 3), at(attic, 4)});
  // An offset goes neither to a session that did not move, nor to one that cannot be recovered.
  world.apply({reply{{0, 2}, text_frame("435[]"), at(attic, 4)},
               reply{{0, 2}, text_frame("436[]")},
               enter_room{lobby, {0, 1}, text_frame("430[]"), at(lobby, 3)}});
  CHECK(world.heard(2) == texts{"435[]", "436[]"});
  CHECK(world.heard(1) == texts{"430[]"});
  world.apply({reply{{0, 2}, text_frame("437[]"), at(attic, 5)}, exit_room{attic, {0, 2}, {}}});
  heard = world.heard(2);
  REQUIRE(heard.size() == 2);
  CHECK(seal.open(mine, offset_in(heard[1])) == std::vector{at(lobby, 3)});
}

TEST_CASE("an offset holds each room once, in whatever order its positions came") {
  relay_world world{0};
  const auto mine = identity_of("mine");
  const room_id shed{3};
  world.attach_recoverable(1, mine, {at(shed, 5), at(lobby, 2), at(attic, 9), at(lobby, 1)});
  world.apply({enter_room{lobby, {0, 1}, nullptr, at(lobby, 2), false}});
  CHECK(world.heard(1).empty()); // it was there already
  auto event = to_all(lobby, R"(42["new_message",{}])");
  event.at = at(lobby, 3);
  world.apply({event});
  recovery_seal seal{{}};
  CHECK(seal.open(mine, offset_in(world.heard(1).at(0))) ==
        std::vector{at(lobby, 3), at(attic, 9), at(shed, 5)});
}

TEST_CASE("where a gap took the place of messages and their offsets, an offset follows") {
  relay_world world{0};
  const auto mine = identity_of("mine");
  world.attach_recoverable(1, mine, {at(lobby, 1)});
  world.enter(lobby, 1);
  auto event = to_all(lobby, R"(42["new_message",{}])");
  event.at = at(lobby, 2);
  world.outs[0]->has_skipped = true; // as the queue does when this is sent
  world.apply({event});
  const auto heard = world.heard(1);
  REQUIRE(heard.size() == 2);
  CHECK(heard[1].starts_with(R"(42["offset",")"));
  recovery_seal seal{{}};
  CHECK(seal.open(mine, offset_in(heard[1])) == std::vector{at(lobby, 2)});
  CHECK_FALSE(world.outs[0]->has_skipped);
}

TEST_CASE("a message is encoded once: only an offset and a header are a subscriber's own") {
  relay_world world{2};
  world.attach_recoverable(3, identity_of("mine"));
  for (std::uint64_t serial = 1; serial <= 3; ++serial)
    world.apply({enter_room{lobby, {0, serial}, nullptr, at(lobby, 1)}});
  (void)world.heard(3); // the offset of that
  auto event = to_all(lobby, R"(42["new_message",{}])");
  event.at = at(lobby, 2);
  world.apply({event});
  for (const std::size_t plain : {0U, 1U})
    CHECK(world.outs[plain]->frames == std::vector{event.what});
  REQUIRE(world.outs[2]->frames.size() == 1);
  const auto& mine = *world.outs[2]->frames.front();
  CHECK(mine.shared() == event.what);
  // The message lies where it was encoded, except for the bracket that closes it.
  const auto encoded = event.what->payload_pieces()[0];
  const auto pieces = mine.wire_pieces();
  CHECK(pieces[1].data() == encoded.data());
  CHECK(pieces[1].size() == encoded.size() - 1);
}

TEST_CASE("an event from outside reaches each of its sessions once, but not the excepted") {
  relay_world world{0};
  for (std::uint64_t serial = 1; serial <= 4; ++serial)
    world.attach_named({0, serial}, "sid" + std::to_string(serial));
  world.enter(lobby, 1);
  world.enter(lobby, 2);
  world.enter(attic, 2);
  world.enter(attic, 3);
  const auto heard = [&world] {
    std::vector<std::uint64_t> who;
    for (std::uint64_t serial = 1; serial <= 4; ++serial)
      for (const auto& text : world.heard(serial)) {
        CHECK(text == "42[]");
        who.push_back(serial);
      }
    return who;
  };
  using sessions = std::vector<std::uint64_t>;
  const auto what = text_frame("42[]");
  world.tell({.what = what, .rooms = {lobby}});
  CHECK(heard() == sessions{1, 2});
  world.tell({.what = what, .rooms = {lobby, attic, room_id{99}}, .sids = {"sid1", "nobody"}});
  CHECK(heard() == sessions{1, 2, 3});
  world.tell({.what = what, .sids = {"sid4"}});
  CHECK(heard() == sessions{4});
  world.tell({.what = what, .to_everybody = true});
  CHECK(heard() == sessions{1, 2, 3, 4});
  world.tell({.what = what,
              .to_everybody = true,
              .except_rooms = {attic},
              .except_sids = {"sid4", "nobody"}});
  CHECK(heard() == sessions{1});
  world.tell({.what = what, .rooms = {lobby}, .except_rooms = {lobby}});
  CHECK(heard().empty());
  world.outs[0]->congested = true;
  world.tell({.what = what, .is_volatile = true, .rooms = {lobby}});
  CHECK(heard() == sessions{2});
  CHECK(world.stats().delivered == 13); // with what was dropped last
}

TEST_CASE("an id names the session that has it last, and nobody once that is gone") {
  relay_world world{0};
  world.attach_named({0, 1}, "sid");
  world.attach_named({0, 2}, "sid"); // its client has come back
  const auto what = text_frame("42[]");
  world.detach(1);
  world.tell({.what = what, .sids = {"sid"}});
  CHECK(world.heard(1).empty());
  CHECK(world.heard(2) == texts{"42[]"});
  world.detach(2);
  world.tell({.what = what, .to_everybody = true, .sids = {"sid"}});
  CHECK(world.heard(2).empty());
}

TEST_CASE("an event from outside ends with the offset of a session that can be recovered") {
  relay_world world{0};
  const auto mine = identity_of("mine");
  world.attach_recoverable(1, mine, {at(lobby, 7)});
  world.enter(lobby, 1);
  recovery_seal seal{{}};
  world.tell({.what = text_frame(R"(42["news","text"])"), .rooms = {lobby}});
  world.tell({.what = text_frame(R"(42["news"])"), .is_volatile = true, .rooms = {lobby}});
  for (const auto& text : world.heard(1))
    CHECK(seal.open(mine, offset_in(text)) == std::vector{at(lobby, 7)});
  world.outs[0]->has_skipped = true; // as the queue does when this is sent
  world.tell({.what = text_frame(R"(42["news"])"), .to_everybody = true});
  const auto heard = world.heard(1);
  REQUIRE(heard.size() == 2);
  CHECK(heard[1].starts_with(R"(42["offset",")"));
}

TEST_CASE("many events for everybody go out in portions, and others have their turn between") {
  constexpr std::size_t connections = 50;
  constexpr std::size_t events = 3 * relay::wide_portion / connections;
  relay_world world{connections};
  auto answer = world.tell_often({.what = text_frame("a"), .to_everybody = true}, events);
  world.run();
  const auto first = world.stats().delivered;
  CHECK(first > 0);
  CHECK(first <= relay::wide_portion);
  CHECK_FALSE(world.self->has_next_message());
  // What comes later goes out later, and what a room says is not held up.
  world.tell({.what = text_frame("b"), .to_everybody = true});
  world.enter(lobby, 1);
  world.apply({to_all(lobby, "from the lobby")});
  const auto heard = world.heard(1);
  CHECK(heard.back() == "from the lobby");
  while (!world.self->has_next_message())
    world.advance(relay::wide_pause);
  answer.receive([](bool taken) { CHECK(taken); }, [](const caf::error&) { FAIL(); });
  world.advance(relay::wide_pause);
  CHECK(world.stats().delivered == (events + 1) * connections + 1);
  auto rest = world.heard(1);
  CHECK(heard.size() + rest.size() == events + 2);
  CHECK(rest.back() == "b");
}

} // namespace
} // namespace hubbub::test
