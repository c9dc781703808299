#include "tests/actors/chat_world.hpp"

#include <string>

namespace hubbub::test {
namespace {

using namespace std::chrono_literals;

constexpr auto look = R"(421["get_members","lobby"])";
constexpr auto rate_limited = R"("code":"rate_limited")";

world_options with(rated what, rate limit) {
  world_options options;
  options.settings.rates.per_socket[what] = limit;
  return options;
}

TEST_CASE("a socket that is too fast is told when to go on, and may then") {
  chat_world world{with(rated::events, {10, 3})};
  auto& ann = world.member("ann");
  CHECK_FALSE(any_has(ann.ask(look), rate_limited));
  CHECK_FALSE(any_has(ann.ask(look), rate_limited));
  const auto late = ann.ask(look);
  CHECK(late == texts{R"(431[{"ok":false,"error":{"code":"rate_limited","message":)"
                      R"("too many events in a short time; wait a little",)"
                      R"("retry_after_ms":100}}])"});
  CHECK(any_has(ann.ask(R"(42["get_members","lobby"])"), R"("retry_after_ms":100)"));
  world.advance(100ms);
  CHECK_FALSE(any_has(ann.ask(look), rate_limited));
  CHECK(ann.connection().requests_in_flight == 0);
}

TEST_CASE("events that the chat does not know count as well") {
  chat_world world{with(rated::events, {10, 3})};
  auto& ann = world.member("ann");
  for (int i = 0; i < 2; ++i)
    CHECK(any_has(ann.ask(R"(421["dance"])"), "unknown_event"));
  CHECK(any_has(ann.ask(R"(421["dance"])"), rate_limited));
}

TEST_CASE("an event whose name is a number counts as well") {
  chat_world world{with(rated::events, {10, 3})};
  auto& ann = world.member("ann");
  for (int i = 0; i < 2; ++i)
    CHECK(any_has(ann.ask("421[7]"), "unknown_event"));
  CHECK(any_has(ann.ask("421[7]"), rate_limited));
}

TEST_CASE("acks that nobody waits for count as well") {
  chat_world world{with(rated::events, {10, 3})};
  auto& ann = world.member("ann");
  for (int i = 0; i < 2; ++i)
    CHECK(ann.ask("431[]").empty());
  CHECK(any_has(ann.ask(look), rate_limited));
  for (int i = 0; i < 30; ++i)
    CHECK(ann.ask("431[]").empty());
  CHECK(ann.connection().closed == close_reason::rate_limited);
}

TEST_CASE("a socket connects only so often") {
  chat_world world{with(rated::connects, {1, 3})};
  auto& ann = world.open();
  for (int i = 0; i < 3; ++i) {
    CHECK(any_has(ann.ask(R"(40{"username":"ann","recover":true})"), R"(40{"sid":")"));
    CHECK(ann.ask("41").empty());
  }
  CHECK(any_has(ann.ask("40"), R"(44{"message":"rate_limited","data":{"code":"rate_limited")"));
  world.advance(1s);
  CHECK(any_has(ann.ask("40"), R"(40{"sid":")"));
}

TEST_CASE("what a CONNECT brings counts as bytes") {
  chat_world world{with(rated::bytes, {1'000, 1'000})};
  auto& ann = world.open();
  CHECK(any_has(ann.ask(R"(40{"username":")" + std::string(1'000, 'x') + "\"}"),
                R"(44{"message":)"));
  CHECK(any_has(ann.ask("40"), R"(44{"message":"rate_limited")"));
}

TEST_CASE("typing is counted apart") {
  chat_world world{with(rated::typing, {1, 2})};
  auto& ann = world.member("ann");
  constexpr auto typing = R"(421["typing",{"room":"lobby","is_typing":true}])";
  for (int i = 0; i < 2; ++i)
    CHECK_FALSE(any_has(ann.ask(typing), rate_limited));
  CHECK(any_has(ann.ask(typing), rate_limited));
  CHECK_FALSE(any_has(ann.ask(look), rate_limited));
}

TEST_CASE("joins have a rate of their own") {
  chat_world world{with(rated::joins, {1, 2})};
  auto& ann = world.member("ann");
  CHECK_FALSE(any_has(ann.ask(R"(421["join_room","attic"])"), rate_limited));
  CHECK(any_has(ann.ask(R"(421["join_room","cellar"])"), rate_limited));
  CHECK_FALSE(any_has(ann.ask(look), rate_limited));
}

TEST_CASE("bytes are counted, those of attachments included") {
  chat_world world{with(rated::bytes, {1'000, 1'000})};
  auto& ann = world.member("ann");
  ann.send(R"(451-1["dance",{"_placeholder":true,"num":0}])");
  compat::anon_send(ann.session(), inbound_message{std::string(900, 'x'), true});
  world.run();
  CHECK(any_has(ann.take(), "unknown_event"));
  CHECK(any_has(ann.ask(R"(421["get_members","lobby",")" + std::string(200, 'x') + "\"]"),
                rate_limited));
}

TEST_CASE("a socket that goes on at ten times its rate is closed, and nobody else") {
  chat_world world{with(rated::events, {10, 3})};
  auto& ann = world.member("ann");
  auto& ben = world.member("ben");
  for (int i = 0; i < 29; ++i) // one of thirty was the join
    std::ignore = ann.ask(look);
  CHECK_FALSE(ann.connection().closed);
  std::ignore = ann.ask(look);
  CHECK(ann.connection().closed == close_reason::rate_limited);
  CHECK_FALSE(any_has(ben.ask(look), rate_limited));
}

TEST_CASE("all sockets of a user share the user's rate") {
  world_options options;
  options.settings.rates.per_user[rated::events] = {10, 16};
  chat_world world{options};
  auto& one = world.member("ann", 0);
  auto& other = world.member("ann", 1);
  auto& ben = world.member("ben", 0);
  int taken = 0;
  for (int i = 0; i < 20; ++i)
    for (auto* socket : {&one, &other})
      if (!any_has(socket->ask(look), rate_limited)) ++taken;
  CHECK(taken <= 16 + 2 * 2); // the burst, and a chunk for each thread
  CHECK(taken >= 10);
  CHECK_FALSE(any_has(ben.ask(look), rate_limited));
  world.advance(1s);
  CHECK_FALSE(any_has(one.ask(look), rate_limited));
}

TEST_CASE("an address connects only so often") {
  world_options options;
  options.settings.rates.per_address[rated::connects] = {1, 8};
  chat_world world{options};
  int let_in = 0;
  texts last;
  for (int i = 0; i < 20; ++i) {
    last = world.open().ask("40");
    if (any_has(last, R"("sid")")) ++let_in;
  }
  CHECK(let_in >= 8);
  CHECK(let_in <= 9); // a chunk more
  CHECK(any_has(last, R"(44{"message":"rate_limited","data":{"code":"rate_limited")"));
  CHECK(any_has(last, R"("retry_after_ms":)"));
}

TEST_CASE("new rooms have a rate of their own, and joining others goes on") {
  chat_world world{with(rated::creates, {1, 2})};
  auto& ann = world.member("ann"); // creates the lobby
  CHECK_FALSE(any_has(ann.ask(R"(421["join_room","attic"])"), rate_limited));
  const auto late = ann.ask(R"(421["join_room","cellar"])");
  CHECK(any_has(late, rate_limited));
  CHECK(any_has(late, "too many new rooms"));
  CHECK_FALSE(world.log().find_room("cellar"));
  CHECK_FALSE(any_has(ann.ask(R"(421["join_room","lobby"])"), rate_limited));
  CHECK_FALSE(any_has(world.connect("ben").ask(R"(421["join_room","cellar"])"), rate_limited));
  CHECK_FALSE(any_has(ann.ask(R"(421["join_room","cellar"])"), rate_limited));
  world.advance(1s);
  CHECK_FALSE(any_has(ann.ask(R"(421["join_room","garden"])"), rate_limited));
  CHECK(ann.connection().requests_in_flight == 0);
}

TEST_CASE("what a user creates on all sockets counts together") {
  world_options options;
  options.settings.rates.per_user[rated::creates] = {1, 8};
  chat_world world{options};
  auto& one = world.connect("ann", 0);
  auto& other = world.connect("ann", 1);
  int made = 0;
  for (int i = 0; i < 10; ++i)
    for (auto* socket : {&one, &other}) {
      const auto name = std::to_string(i) + (socket == &one ? "a" : "b");
      if (!any_has(socket->ask("421[\"join_room\",\"" + name + "\"]"), rate_limited)) ++made;
    }
  CHECK(made >= 8);
  CHECK(made <= 8 + 2); // a chunk for each thread
  CHECK_FALSE(any_has(world.connect("ben").ask(R"(421["join_room","bens"])"), rate_limited));
}

TEST_CASE("a full room lets nobody in, but whoever is in it") {
  world_options options;
  options.settings.members_per_room = 2;
  chat_world world{options};
  auto& ann = world.member("ann");
  world.member("ben");
  auto& cid = world.connect("cid");
  constexpr auto join = R"(421["join_room","lobby"])";
  CHECK(any_has(cid.ask(join), R"("code":"limit_exceeded")"));
  CHECK(any_has(ann.ask(join), R"("ok":true)"));
  auto& again = world.connect("ben");
  CHECK(any_has(again.ask(join), R"("ok":true)"));
  std::ignore = ann.ask(R"(42["leave_room","lobby"])");
  CHECK(any_has(cid.ask(join), R"("ok":true)"));
}

TEST_CASE("refusals are counted") {
  chat_world world{with(rated::events, {10, 3})};
  auto& ann = world.member("ann");
  for (int i = 0; i < 4; ++i)
    std::ignore = ann.ask(look);
  world.advance(1s);
  for (int i = 0; i < 11; ++i)
    std::ignore = ann.ask(look);
  const auto stats = world.ask<limiter_stats>(world.limiter, ask_limiter_stats{});
  CHECK(stats.refusals.counts[static_cast<std::size_t>(rated::events)] >= 3);
}

} // namespace
} // namespace hubbub::test
