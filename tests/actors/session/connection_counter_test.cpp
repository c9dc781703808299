#include "actors/session/connection_counter.hpp"
#include "tests/actors/chat_world.hpp"

namespace hubbub::test {
namespace {

chat_settings two_each() {
  chat_settings settings;
  settings.connections_per_user = 2;
  return settings;
}

std::uint64_t users(chat_world& world) {
  return world.ask<connection_counts>(world.connection_counter, ask_connection_counts{}).users;
}

constexpr auto refusal = R"(42["error",{"event":"connect","code":"limit_exceeded")";

TEST_CASE("a user's connections beyond the bound are told why and taken out") {
  chat_world world{{.settings = two_each()}};
  auto& first = world.connect("ann", 0);
  (void)world.connect("ann", 1);
  (void)world.connect("ben", 0);
  auto& third = world.open(1);
  const auto came = third.ask(R"(40{"username":"ann"})");
  REQUIRE(came.size() == 3);
  CHECK(came[0].starts_with(R"(40{"sid":")"));
  CHECK(came[1].starts_with(refusal));
  CHECK(came[2] == "41");
  CHECK_FALSE(third.connection().closed); // it may come under another name
  CHECK(any_has(third.ask(R"(40{"username":"cid"})"), R"(40{"sid":")"));
  CHECK(any_has(third.ask(R"(421["join_room","lobby"])"), R"("ok":true)"));
  CHECK(any_has(first.ask(R"(421["join_room","lobby"])"), R"("ok":true)"));
  CHECK(
      world.ask<connection_counts>(world.connection_counter, ask_connection_counts{}).refused ==
      1);
}

TEST_CASE("a connection counts until it is gone, however it goes") {
  chat_world world{{.settings = two_each()}};
  auto& first = world.connect("ann");
  auto& second = world.connect("ann");
  first.close(
      GENERATE(close_reason::client_close, close_reason::ping_timeout, close_reason::shutdown));
  (void)second.ask("41");
  CHECK(users(world) == 0);
  (void)world.connect("ann");
  auto& last = world.open();
  CHECK(last.ask(R"(40{"username":"ann"})").size() == 1);
  CHECK(users(world) == 1);
}

TEST_CASE("a name that a join gives counts as one from the handshake") {
  chat_world world{{.settings = two_each()}};
  for (int i = 0; i < 2; ++i)
    (void)world.connect("").ask(R"(421["join_room",{"room":"lobby","username":"ann"}])");
  auto& third = world.connect("");
  CHECK(users(world) == 1);
  const auto came = third.ask(R"(421["join_room",{"room":"lobby","username":"ann"}])");
  CHECK(any_has(came, refusal));
  CHECK(came.back() == "41");
  CHECK(world.users_in(room_id{1}) == 1);
}

TEST_CASE("whoever is gone before it was counted leaves nothing behind") {
  chat_world world{{.settings = two_each()}};
  world.hold(world.connection_counter);
  for (int i = 0; i < 5; ++i)
    world.connect("ann").close();
  world.run();
  world.release_all();
  world.run();
  CHECK(users(world) == 0);
}

} // namespace
} // namespace hubbub::test
