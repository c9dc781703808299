#include "actors/session/session.hpp"
#include "tests/actors/chat_world.hpp"

#include <chrono>
#include <memory>
#include <tuple>

namespace hubbub::test {
namespace {

TEST_CASE("a session without a namespace is ended in time") {
  chat_world world;
  const auto now = std::chrono::steady_clock::now();
  auto& early = world.open(0, now);
  auto& late = world.open(0, now - std::chrono::seconds{45});
  auto& connected = world.open(0, now - std::chrono::seconds{45});
  world.run();
  CHECK(early.connection().wake_at == now + std::chrono::seconds{45});
  (void)connected.ask("40");
  for (const auto* each : {&early, &late, &connected})
    compat::anon_send(each->session(), session_event{wake_session{}});
  world.run();
  CHECK_FALSE(early.connection().closed);
  CHECK(late.connection().closed == close_reason::connect_timeout);
  CHECK_FALSE(connected.connection().closed);
}

TEST_CASE("attachments that are due are waited for so long, and count as held meanwhile") {
  chat_world world;
  auto& ann = world.member("ann");
  std::ignore = ann.ask(R"(451-["dance",{"_placeholder":true,"num":0}])");
  CHECK(ann.connection().held > 0);
  REQUIRE(ann.connection().wake_at);
  CHECK(*ann.connection().wake_at >
        std::chrono::steady_clock::now() + std::chrono::seconds{50});
  compat::anon_send(ann.session(), inbound_message{"x", true});
  world.run();
  CHECK(ann.connection().held == 0);
}

TEST_CASE("a violation of the protocol ends the one connection") {
  chat_world world;
  auto& ann = world.member("ann");
  auto& ben = world.member("ben");
  (void)ann.take();
  (void)ben.ask("4nonsense");
  CHECK(ben.connection().closed == close_reason::parse_error);
  CHECK(ann.take() == texts{left_lobby("ben", "disconnect", 1)});
  CHECK_FALSE(ann.connection().closed);
}

TEST_CASE("a session that has ended holds nothing") {
  chat_world world;
  auto& ann = world.member("ann");
  const auto uses = [&] { return ann.connection().weak_from_this().use_count(); };
  CHECK(uses() > 1);
  ann.close();
  world.run();
  CHECK(uses() == 1);
  CHECK(world.ask<relay_stats>(world.relays[0], ask_relay_stats{}).connections == 0);
  ann.send(R"(42["typing",{}])"); // what comes too late is dropped
  world.run();
}

TEST_CASE("whoever disconnects is out of every room") {
  chat_world world;
  auto& ann = world.connect("ann");
  (void)ann.ask(R"(421["join","lobby"])");
  (void)ann.ask(R"(421["join","attic"])");
  CHECK(world.users_in(room_id{2}) == 1);
  ann.close(close_reason::ping_timeout);
  world.run();
  CHECK(world.users_in(room_id{1}) == 0);
  CHECK(world.users_in(room_id{2}) == 0);
  world.advance(std::chrono::seconds{10});
  CHECK(world.rooms_awake() == 0);
}

} // namespace
} // namespace hubbub::test
