#include "tests/net/api/api_world.hpp"

namespace hubbub::test {
namespace {

TEST_CASE("a created room is told with its place and found there") {
  api_world world;
  const auto created = world.post("/api/rooms", R"({"name":" Müsli "})");
  CHECK(created.status == 201);
  CHECK(header_of(created, "Location") == "/api/rooms/1");
  CHECK(body_of{created}["name"].string() == "Müsli");
  CHECK(body_of{created}["last_message_at"].is_null());

  const auto found = world.get(header_of(created, "Location"));
  CHECK(found.status == 200);
  CHECK(found.body == created.body);
}

TEST_CASE("a room's name can be taken once") {
  api_world world;
  world.post("/api/rooms", R"({"name":"general"})");
  const auto again = world.post("/api/rooms", R"({"name":"general"})");
  CHECK(again.status == 409);
  CHECK(error_code_of(again) == "already_exists");
}

TEST_CASE("rooms are listed by id, page by page, and the last page says so") {
  api_world world;
  for (const auto* name : {"a", "b", "c"})
    world.post("/api/rooms", std::string{R"({"name":")"} + name + "\"}");

  const auto first = world.get("/api/rooms", {{"limit", "2"}});
  REQUIRE(first.status == 200);
  CHECK(body_of{first}["rooms"].size() == 2);
  CHECK(body_of{first}["next"].integer() == 2);

  const auto second = world.get("/api/rooms", {{"limit", "2"}, {"after", "2"}});
  CHECK(body_of{second}["rooms"].size() == 1);
  CHECK(body_of{second}["rooms"].at(0).find("name").string() == "c");
  CHECK(body_of{second}["next"].is_null());

  const auto whole = world.get("/api/rooms", {{"limit", "3"}});
  CHECK(body_of{whole}["next"].is_null());
  CHECK(body_of{world.get("/api/rooms", {{"q", "B"}})}["rooms"].size() == 1);
  CHECK(body_of{world.get("/api/rooms", {{"after", "3"}})}["rooms"].size() == 0);
}

TEST_CASE("an unknown room is not found, whatever its number looks like") {
  api_world world;
  for (const auto* id : {"7", "0", "-1", "x", "1x", "99999999999999999999", ""})
    for (const auto& path : {"/api/rooms/" + std::string{id} + "/members",
                             "/api/rooms/" + std::string{id} + "?"}) {
      const auto answer = world.get(path);
      INFO(path);
      CHECK(answer.status == 404);
      CHECK(error_code_of(answer) == "not_found");
    }
}

TEST_CASE("a room that sleeps is not woken to list its members") {
  api_world world;
  world.post("/api/rooms", R"({"name":"x"})");
  const auto wakes = [&world] {
    return world.get("/metrics").body.find("\nhubbub_rooms_awake 0\n") == std::string::npos;
  };
  CHECK(world.get("/api/rooms/1/members").status == 200);
  CHECK_FALSE(wakes());
  world.post("/api/messages/1", R"({"username":"ann","content":"hi"})");
  CHECK(wakes());
  CHECK(world.get("/api/rooms/1/members").status == 200);
}

TEST_CASE("a room without members has an empty page of them") {
  api_world world;
  world.post("/api/rooms", R"({"name":"general"})");
  const auto members = world.get("/api/rooms/1/members");
  CHECK(members.status == 200);
  CHECK(body_of{members}["members"].is_array());
  CHECK(body_of{members}["members"].size() == 0);
  CHECK(body_of{members}["members_total"].integer() == 0);
  CHECK(body_of{members}["next"].is_null());
}

TEST_CASE("bad bodies and parameters of rooms are refused by name") {
  api_world world;
  world.post("/api/rooms", R"({"name":"general"})");
  for (const auto* body :
       {"", "[]", "{", R"({"name":7})", R"({"name":"  "})", R"({"nam":"x"})"}) {
    const auto answer = world.post("/api/rooms", body);
    INFO(body);
    CHECK(answer.status == 400);
    CHECK(error_code_of(answer) == "bad_request");
  }
  for (const auto& query : {query_params{{"limit", "0"}}, {{"limit", "501"}}, {{"after", "x"}}})
    CHECK(world.get("/api/rooms", query).status == 400);
  CHECK(world.get("/api/rooms/1/members", {{"limit", "1001"}}).status == 400);
}

TEST_CASE("rooms tell how far a user has read them, where one is named") {
  api_world world;
  for (const auto* room : {"a", "b"})
    world.post("/messages",
               std::string{R"({"room":")"} + room + R"(","content":"x","username":"ada"})");
  const body_of named{world.get("/api/rooms", {{"user_id", "bob"}})};
  for (std::size_t i = 0; i < 2; ++i) {
    CHECK(named["rooms"].at(i).find("read_seq").integer() == 0);
    CHECK(named["rooms"].at(i).find("unread").integer() == 1);
  }
  const body_of own{world.get("/api/rooms", {{"user_id", "ada"}})};
  CHECK(own["rooms"].at(0).find("unread").integer() == 0);
  const body_of unnamed{world.get("/api/rooms")};
  CHECK_FALSE(unnamed["rooms"].at(0).find("unread").exists());
  CHECK(unnamed["rooms"].at(0).find("first_seq").integer() == 1);
  CHECK(world.get("/api/rooms", {{"user_id", "\xff"}}).status == 400);
}

} // namespace
} // namespace hubbub::test
