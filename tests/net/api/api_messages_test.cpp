#include "tests/net/api/api_world.hpp"

namespace hubbub::test {
namespace {

chat_settings without_auto_create() {
  chat_settings settings;
  settings.auto_create_rooms = false;
  return settings;
}

TEST_CASE("a posted message is stored, numbered and read back the same") {
  api_world world;
  world.post("/api/rooms", R"({"name":"general"})");
  const auto posted = world.post("/api/messages/1", R"({"content":"hello","username":"ada"})");
  REQUIRE(posted.status == 201);
  const body_of message{posted};
  CHECK(message["seq"].integer() == 1);
  CHECK(message["room"].string() == "general");
  CHECK(message["user_id"].string() == "ada");
  CHECK(message["content"].string() == "hello");

  const auto history = world.get("/api/messages/1");
  CHECK(history.status == 200);
  CHECK(history.body == R"({"messages":[)" + posted.body + R"(],"has_more":false})");
  CHECK(body_of{world.get("/api/rooms/1")}["last_seq"].integer() == 1);
}

TEST_CASE("who does not say who he is is anonymous") {
  api_world world;
  const auto posted = world.post("/messages", R"({"room":"general","text":"hello"})");
  CHECK(posted.status == 201);
  CHECK(body_of{posted}["username"].string() == "anonymous");
}

TEST_CASE("a repeated client_id is answered with the first message and stores nothing") {
  api_world world;
  const auto body = R"({"room":"general","content":"x","username":"ada","client_id":"1"})";
  const auto first = world.post("/messages", body);
  const auto again = world.post("/messages", body);
  CHECK(first.status == 201);
  CHECK(again.status == 200);
  CHECK(again.body == first.body);
  CHECK(body_of{world.get("/api/messages/1")}["messages"].size() == 1);

  const auto nameless =
      world.post("/messages", R"({"room":"a","content":"x","client_id":"1"})");
  CHECK(nameless.status == 400);
}

TEST_CASE("a message may name its room by name or id, with or without a last slash") {
  api_world world;
  CHECK(world.post("/messages/", R"({"room":"new","content":"x"})").status == 201);
  CHECK(world.post("/messages", R"({"room":1,"content":"x"})").status == 201);
  CHECK(world.post("/messages", R"({"room_id":"1","message":"x"})").status == 201);
  CHECK(world.post("/messages", R"({"room_id":2,"content":"x"})").status == 404);
  CHECK(world.post("/messages", R"({"content":"x"})").status == 400);
}

TEST_CASE("an unknown name creates a room only where joins would") {
  api_world world{without_auto_create()};
  const auto answer = world.post("/messages", R"({"room":"new","content":"x"})");
  CHECK(answer.status == 404);
  CHECK(error_code_of(answer) == "not_found");
  CHECK(body_of{world.get("/api/rooms")}["rooms"].size() == 0);
}

TEST_CASE("history is walked in both directions") {
  api_world world;
  for (int i = 0; i < 5; ++i)
    world.post("/messages", R"({"room":"general","content":"x"})");
  const auto numbers = [&world](query_params query) {
    const body_of page{world.get("/api/messages/1", std::move(query))};
    std::vector<std::int64_t> result;
    for (std::size_t i = 0; i < page["messages"].size(); ++i)
      result.push_back(page["messages"].at(i).find("seq").integer().value_or(0));
    return result;
  };
  using list = std::vector<std::int64_t>;
  CHECK(numbers({{"limit", "2"}}) == list{4, 5});
  CHECK(numbers({{"limit", "2"}, {"before", "4"}}) == list{2, 3});
  CHECK(numbers({{"limit", "2"}, {"after", "2"}}) == list{3, 4});
  CHECK(numbers({{"after", "1"}, {"before", "4"}}) == list{2, 3});
  CHECK(numbers({{"around", "3"}, {"limit", "3"}}) == list{2, 3, 4});
  const body_of around{world.get("/api/messages/1", {{"around", "2"}, {"limit", "3"}})};
  CHECK(around["has_more"].boolean() == true);
  CHECK(around["has_more_before"].boolean() == false);
  CHECK(numbers({{"user_id", "nobody"}}).empty());
  CHECK(numbers({{"from", "0"}, {"until", "9999999999999"}}).size() == 5);
  CHECK(numbers({{"until", "2000-01-01T00:00:00Z"}}).empty());
  CHECK(world.get("/api/messages/1", {{"from", "soon"}}).status == 400);
  CHECK(world.get("/api/messages/1", {{"limit", "201"}}).status == 400);
  CHECK(world.get("/api/messages/2").status == 404);
}

TEST_CASE("bad messages are refused and change nothing") {
  api_world world;
  world.post("/api/rooms", R"({"name":"general"})");
  for (const auto* body : {"", "null", "{\"content\":\"\"}", R"({"content":5})",
                           "{\"content\":", R"({"content":"x","username":7})",
                           "{\"content\":\"\xff\"}", R"({"content":"\ud800"})"}) {
    INFO(body);
    CHECK(world.post("/api/messages/1", body).status == 400);
  }
  const auto long_text = "{\"content\":\"" + std::string(4001, 'x') + "\"}";
  CHECK(world.post("/api/messages/1", long_text).status == 413);
  const auto deep = std::string(10'000, '[') + std::string(10'000, ']');
  CHECK(world.post("/api/messages/1", "{\"content\":" + deep + "}").status == 400);
  CHECK(body_of{world.get("/api/messages/1")}["messages"].size() == 0);
}

TEST_CASE("a message is edited and deleted by its author") {
  chat_settings settings;
  settings.open_edit = true;
  api_world world{settings};
  world.post("/messages", R"({"room":"general","content":"helo","username":"ada"})");
  const auto edited =
      world.ask("PATCH", "/api/messages/1/1", R"({"content":"hello","username":"ada"})");
  REQUIRE(edited.status == 200);
  CHECK(body_of{edited}["content"].string() == "hello");
  CHECK(body_of{edited}["rev"].integer() == 2);
  CHECK(body_of{edited}["edited_at"].is_string());
  const auto history = [&world] { return world.get("/api/messages/1").body; };
  CHECK(history() == R"({"messages":[)" + edited.body + R"(],"has_more":false})");

  const auto others = world.ask("DELETE", "/api/messages/1/1", {}, {{"username", "bob"}});
  CHECK(others.status == 403);
  CHECK(error_code_of(others) == "forbidden");
  const auto deleted = world.ask("DELETE", "/api/messages/1/1", {}, {{"username", "ada"}});
  REQUIRE(deleted.status == 200);
  CHECK(body_of{deleted}["content"].string() == "");
  CHECK(body_of{deleted}["deleted_at"].is_string());
  CHECK(history() == R"({"messages":[)" + deleted.body + R"(],"has_more":false})");
  CHECK(world.ask("DELETE", "/api/messages/1/1", {}, {{"username", "ada"}}).body ==
        deleted.body);
  CHECK(world.ask("PATCH", "/api/messages/1/1", R"({"content":"x","username":"ada"})").status ==
        404);
}

TEST_CASE("changes that name no message or no author are refused") {
  chat_settings settings;
  settings.open_edit = true;
  api_world world{settings};
  world.post("/messages", R"({"room":"general","content":"x","username":"ada"})");
  const auto body = R"({"content":"y","username":"ada"})";
  for (const auto* path : {"/api/messages/1/2", "/api/messages/1/0", "/api/messages/1/x",
                           "/api/messages/2/1", "/api/messages/x/1"}) {
    INFO(path);
    CHECK(world.ask("PATCH", path, body).status == 404);
    CHECK(world.ask("DELETE", path, {}, {{"username", "ada"}}).status == 404);
  }
  CHECK(world.ask("PATCH", "/api/messages/1/1", R"({"content":"y"})").status == 400);
  CHECK(world.ask("PATCH", "/api/messages/1/1", R"({"username":"ada"})").status == 400);
  CHECK(world.ask("DELETE", "/api/messages/1/1").status == 400);
  const auto got = world.get("/api/messages/1/1");
  CHECK(got.status == 405);
  CHECK(header_of(got, "Allow") == "PATCH, DELETE");
}

TEST_CASE("in open mode nobody changes messages") {
  api_world world;
  world.post("/messages", R"({"room":"general","content":"x","username":"ada"})");
  CHECK(world.ask("PATCH", "/api/messages/1/1", R"({"content":"y","username":"ada"})").status ==
        403);
  CHECK(world.ask("DELETE", "/api/messages/1/1", {}, {{"username", "ada"}}).status == 403);
}

TEST_CASE("an Idempotency-Key makes a post repeatable like a client_id") {
  api_world world;
  const auto post = [&world](std::string path, std::string body, std::string key) {
    http_request request;
    request.method = "POST";
    request.path = std::move(path);
    request.body = std::move(body);
    request.headers = {{"idempotency-key", std::move(key)}};
    auto answer = world.try_ask(std::move(request));
    REQUIRE(answer);
    return *std::move(answer);
  };
  const auto body = R"({"room":"general","content":"x","username":"ada"})";
  const auto first = post("/messages", body, "k1");
  CHECK(first.status == 201);
  CHECK(body_of{first}["client_id"].string() == "k1");
  for (const auto& again :
       {post("/messages", body, "k1"), post("/api/messages/1", body, "\"k1\""),
        world.post("/messages",
                   R"({"room":"general","content":"x","username":"ada","client_id":"k1"})")}) {
    CHECK(again.status == 200);
    CHECK(again.body == first.body);
  }
  CHECK(post("/messages", body, "k2").status == 201);
  CHECK(post("/messages",
             R"({"room":"general","content":"x","username":"ada","client_id":"k3"})", "k4")
            .status == 400);
}

} // namespace
} // namespace hubbub::test
