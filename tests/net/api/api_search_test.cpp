#include "tests/net/api/api_world.hpp"
#include "tests/net/silent_reader.hpp"

namespace hubbub::test {
namespace {

void say(api_world& world, const std::string& room, const std::string& user,
         const std::string& content) {
  REQUIRE(world
              .post("/messages", R"({"room":")" + room + R"(","username":")" + user +
                                     R"(","content":")" + content + "\"}")
              .status == 201);
}

TEST_CASE("messages are found in one room or in all of them") {
  api_world world;
  say(world, "a", "ada", "the quick fox");
  say(world, "b", "bob", "quick as a fox");
  say(world, "a", "bob", "slow");

  const body_of one{world.get("/api/messages/1/search", {{"q", "quick"}})};
  REQUIRE(one["results"].size() == 1);
  const auto hit = one["results"].at(0);
  CHECK(hit.find("message").find("room").string() == "a");
  CHECK(hit.find("message").find("seq").integer() == 1);
  CHECK(hit.find("snippet").at(1).find("text").string() == "quick");
  CHECK(hit.find("snippet").at(1).find("match").boolean() == true);
  CHECK(one["has_more"].boolean() == false);

  CHECK(body_of{world.get("/api/search", {{"q", "fox"}})}["results"].size() == 2);
  const body_of bobs{world.get("/api/search", {{"q", "fox"}, {"user_id", "bob"}})};
  REQUIRE(bobs["results"].size() == 1);
  CHECK(bobs["results"].at(0).find("message").find("room").string() == "b");

  const body_of first{world.get("/api/search", {{"q", "fox"}, {"limit", "1"}})};
  CHECK(first["has_more"].boolean() == true);
  const body_of rest{world.get("/api/search", {{"q", "fox"}, {"offset", "1"}})};
  CHECK(rest["results"].size() == 1);
  CHECK(rest["has_more"].boolean() == false);
}

TEST_CASE("a bad search is refused, one for nothing finds nothing") {
  api_world world;
  say(world, "a", "ada", "x");
  CHECK(world.get("/api/search").status == 400);
  CHECK(world.get("/api/messages/1/search", {{"q", " "}}).status == 400);
  CHECK(world.get("/api/search", {{"q", "x"}, {"limit", "0"}}).status == 400);
  CHECK(world.get("/api/messages/2/search", {{"q", "x"}}).status == 404);
  CHECK(world.get("/api/messages/x/search", {{"q", "x"}}).status == 404);
  for (const auto* q : {"\"", "AND", "NEAR(", "x*", "-x", "content:x", "' OR 1", "(", "^x"}) {
    INFO(q);
    CHECK(world.get("/api/search", {{"q", q}}).status == 200);
  }
}

TEST_CASE("whoever searches for too long hears that the server is overloaded") {
  api_world world{
      [](caf::actor_system& system) -> reader_actor { return system.spawn<silent_reader>(); }};
  http_request request;
  request.method = "GET";
  request.path = "/api/search";
  request.query = {{"q", "x"}};
  for (int i = 0; i < 64; ++i)
    REQUIRE_FALSE(world.try_ask(request));
  const auto refused = world.try_ask(request);
  REQUIRE(refused);
  CHECK(refused->status == 503);
  CHECK(world.wait_out());
}

} // namespace
} // namespace hubbub::test
