#include "tests/net/api/api_world.hpp"
#include "tests/persistence/temporary_folder.hpp"

#include <array>
#include <string>
#include <vector>

namespace hubbub::test {
namespace {

/// Makes room 1, "square", which is public, and room 2, "den", which is private. Each holds one
/// message.
std::unique_ptr<store> with_rooms(const temporary_folder& folder) {
  const store_config config{.path = folder.file("x.db"), .level = durability::normal};
  {
    const auto opened = open_store(config);
    REQUIRE(opened);
    const auto writer = (*opened)->writer();
    op::append_message message;
    message.user_id = "mia";
    message.username = "mia";
    message.content = "needle";
    auto hidden = message;
    message.room = room_id{1};
    hidden.room = room_id{2};
    const std::vector<write_op> ops{op::create_room{"square"},
                                    op::create_room{"den", "olga", true}, message, hidden};
    for (const auto& outcome : writer->commit(ops, timestamp{1}))
      REQUIRE_FALSE(std::holds_alternative<store_error>(outcome));
  }
  auto opened = open_store(config);
  REQUIRE(opened);
  return std::move(*opened);
}

struct asked {
  std::string_view method;
  std::string_view path; ///< the path after the room
  std::string_view body;
};
constexpr std::array moderations{
    asked{"PATCH", "", R"({"private":true})"},
    asked{"POST", "/kicks", R"({"user_id":"bob"})"},
    asked{"GET", "/roster", ""},
    asked{"PUT", "/roster/bob", ""},
    asked{"DELETE", "/roster/bob", ""},
    asked{"GET", "/bans", ""},
    asked{"PUT", "/bans/bob", R"({"reason":"spam"})"},
    asked{"DELETE", "/bans/bob", ""},
    asked{"GET", "/mutes", ""},
    asked{"PUT", "/mutes/bob", "{}"},
    asked{"DELETE", "/mutes/bob", ""},
};

http_response ask(api_world& world, const asked& what, std::string_view room) {
  return world.ask(std::string{what.method},
                   "/api/rooms/" + std::string{room} + std::string{what.path},
                   std::string{what.body});
}

} // namespace

TEST_CASE("nobody moderates over HTTP whose name is unproven") {
  temporary_folder folder;
  api_world world{{}, with_rooms(folder)};
  for (const auto& what : moderations) {
    CAPTURE(std::string{what.method}, std::string{what.path});
    const auto refused = ask(world, what, "1");
    CHECK(refused.status == 403);
    CHECK(error_code_of(refused) == "forbidden");
    CHECK(ask(world, what, "77").status == 404);
    CHECK(ask(world, what, "x").status == 404);
    // A private room looks as if it did not exist.
    CHECK(ask(world, what, "2").body == ask(world, what, "77").body);
  }
  for (const auto* body :
       {R"({"name":"mine","private":true})", R"({"name":"mine","owner":"a"})"})
    CHECK(error_code_of(world.post("/api/rooms", body)) == "forbidden");
  CHECK(world.post("/api/rooms", R"({"name":"ours","private":false})").status == 201);
}

TEST_CASE("what is wrong with an order is said before anything else") {
  temporary_folder folder;
  api_world world{{}, with_rooms(folder)};
  const std::string user(65, 'u');
  for (const auto& [method, path, body] : std::vector<std::array<std::string, 3>>{
           {"PATCH", "/api/rooms/1", "{}"},
           {"PATCH", "/api/rooms/1", R"({"private":"yes"})"},
           {"POST", "/api/rooms/1/kicks", "{}"},
           {"PUT", "/api/rooms/1/bans/bob", R"({"until":"soon"})"},
           {"PUT", "/api/rooms/1/bans/bob", "[]"},
           {"PUT", "/api/rooms/1/mutes/" + user, ""},
           {"PUT", "/api/rooms/1/bans/bob ", ""},
           {"DELETE", "/api/rooms/1/bans/ bob", ""},
           {"POST", "/api/rooms/1/kicks", R"({"user_id":"bob "})"},
           {"PATCH", "/api/rooms/1", R"({"owner":" bob"})"},
           {"DELETE", "/api/rooms/1/roster/" + user, ""}}) {
    CAPTURE(method, path, body);
    CHECK(error_code_of(world.ask(method, path, body)) == "bad_request");
  }
  CHECK(error_code_of(world.get("/api/rooms/1/bans", {{"limit", "0"}})) == "bad_request");
  CHECK(world.get("/api/rooms/1/friends").status == 404);
  CHECK(world.ask("POST", "/api/rooms/1/bans").status == 405);
}

TEST_CASE("a private room is neither shown nor found over HTTP in open mode") {
  temporary_folder folder;
  api_world world{{}, with_rooms(folder)};
  const auto unknown = world.get("/api/rooms/77").body;
  for (const auto* path : {"/api/rooms/2", "/api/rooms/2/members", "/api/messages/2"})
    CHECK(world.get(path).body == unknown);
  CHECK(world.get("/api/messages/2/search", {{"q", "needle"}}).body == unknown);
  const auto message = R"({"username":"olga","content":"x","room_id":2})";
  CHECK(world.post("/api/messages/2", message).body == unknown);
  CHECK(world.post("/messages", message).body == unknown);
  CHECK(world.post("/messages", R"({"username":"olga","content":"x","room":"den"})").body ==
        unknown);
  CHECK(world.ask("PATCH", "/api/messages/2/1", message).body == unknown);
  CHECK(world.ask("DELETE", "/api/messages/2/1", "", {{"username", "mia"}}).body == unknown);

  const auto rooms = world.get("/api/rooms", {{"user_id", "olga"}});
  CHECK(body_of{rooms}["rooms"].size() == 1);
  CHECK(rooms.body.find("den") == std::string::npos);
  const auto found = world.get("/api/search", {{"q", "needle"}});
  CHECK(body_of{found}["results"].size() == 1);
  CHECK(found.body.find("den") == std::string::npos);
  // Only this cannot be hidden.
  CHECK(world.post("/api/rooms", R"({"name":"den"})").status == 409);
}

} // namespace hubbub::test
