// Who may do what over HTTP: tokens, API keys, and the permissions on every route.
#include "tests/actors/session/tokens.hpp"
#include "tests/net/api/api_world.hpp"

#include <string>
#include <string_view>
#include <vector>

using namespace hubbub;
using namespace hubbub::test;

namespace {

/// A world in token mode in which every request carries the same token or key.
class token_world {
 public:
  explicit token_world(authenticator_ptr auth = test_authenticator()) { world_.use(auth); }

  http_response ask(const std::string& shown, std::string method, std::string path,
                    std::string body = {}, query_params query = {}) {
    http_request request;
    request.method = std::move(method);
    request.path = std::move(path);
    request.query = std::move(query);
    request.body = std::move(body);
    if (!shown.empty()) request.headers.emplace_back("authorization", shown);
    auto response = world_.try_ask(std::move(request));
    REQUIRE(response);
    return std::move(*response);
  }
  /// Sends a request as the user of a token with these claims.
  http_response as(const std::string& claims, std::string method, std::string path,
                   std::string body = {}, query_params query = {}) {
    return ask("Bearer " + token_with(claims), std::move(method), std::move(path),
               std::move(body), std::move(query));
  }
  http_response key(std::string method, std::string path, std::string body = {},
                    query_params query = {}) {
    return ask("Bearer " + std::string{api_key_text}, std::move(method), std::move(path),
               std::move(body), std::move(query));
  }
  api_world& world() { return world_; }

 private:
  api_world world_;
};

struct request_line {
  std::string method;
  std::string path;
  std::string body = {};
  query_params query = {};
};
/// Returns every route that is not open to all, for room 1.
std::vector<request_line> guarded() {
  return {{"GET", "/api/rooms"},
          {"POST", "/api/rooms", R"({"name":"new"})"},
          {"GET", "/api/rooms/1"},
          {"GET", "/api/rooms/1/members"},
          {"GET", "/api/messages/1"},
          {"POST", "/api/messages/1", R"({"content":"x"})"},
          {"PATCH", "/api/messages/1/1", R"({"content":"x"})"},
          {"DELETE", "/api/messages/1/1"},
          {"POST", "/messages", R"({"room":"lobby","content":"x"})"},
          {"POST", "/messages/", R"({"room_id":1,"content":"x"})"},
          {"GET", "/api/messages/1/search", {}, {{"q", "hello"}}},
          {"GET", "/api/search", {}, {{"q", "hello"}}}};
}

/// Creates room 1, "lobby", with a message of ann's that says hello.
void furnish(token_world& world) {
  REQUIRE(world.as(R"("sub":"ann")", "POST", "/api/rooms", R"({"name":"lobby"})").status ==
          201);
  REQUIRE(
      world.as(R"("sub":"ann")", "POST", "/api/messages/1", R"({"content":"hello"})").status ==
      201);
}

} // namespace

TEST_CASE("without a token every route but the open ones answers 401") {
  token_world world;
  for (const auto& [method, path, body, query] : guarded()) {
    const auto response = world.ask("", method, path, body, query);
    CHECK(response.status == 401);
    CHECK(error_code_of(response) == "unauthorized");
    CHECK(header_of(response, "WWW-Authenticate") == "Bearer");
  }
  for (const auto* path : {"/healthz", "/readyz", "/metrics", "/api/info"})
    CHECK(world.ask("", "GET", path).status == 200);
  CHECK(world.ask("", "GET", "/nowhere").status == 404);
}

TEST_CASE("a bad token is refused with the reason") {
  token_world world;
  const auto refusal = [&](const std::string& shown) {
    const auto response = world.ask(shown, "GET", "/api/rooms");
    CHECK(response.status == 401);
    return header_of(response, "WWW-Authenticate");
  };
  const std::string invalid = R"(Bearer error="invalid_token", error_description="the token)";
  CHECK(refusal("Bearer x.y.z").starts_with(invalid));
  CHECK(refusal("Bearer " + token_with(R"("sub":"ann")", std::string(32, 'x')))
            .starts_with(invalid));
  CHECK(refusal("Bearer " + token_with(R"("sub":"ann","exp":1)")) ==
        R"(Bearer error="invalid_token", error_description="the token has expired")");
  CHECK(refusal("Basic YW5uOmFubg==") == "Bearer");
  CHECK(refusal("Bearer") == "Bearer");
  CHECK(refusal("Bearer   ") == "Bearer");
  CHECK(refusal(token_with(R"("sub":"ann")")) == "Bearer");
  CHECK(world.ask("bearer  " + token_with(R"("sub":"ann")"), "GET", "/api/rooms").status ==
        200);
}

TEST_CASE("the author is the token's user, whatever the body says") {
  token_world world;
  furnish(world);
  const auto posted = world.as(R"("sub":"u-1","name":"Ann")", "POST", "/api/messages/1",
                               R"({"content":"hi","username":"mallory","user_id":"m"})");
  CHECK(posted.status == 201);
  CHECK(body_of{posted}["user_id"].string() == "u-1");
  CHECK(body_of{posted}["username"].string() == "Ann");
  // The field is not even looked at.
  CHECK(world
            .as(R"("sub":"u-1")", "POST", "/messages",
                R"({"room":"lobby","content":"hi","username":7})")
            .status == 201);
  // A client_id needs no name in the body.
  CHECK(world
            .as(R"("sub":"u-1")", "POST", "/api/messages/1",
                R"({"content":"hi","client_id":"c"})")
            .status == 201);
  CHECK(world
            .as(R"("sub":"u-1")", "POST", "/api/messages/1",
                R"({"content":"hi","client_id":"c"})")
            .status == 200);
  CHECK(world
            .as(R"("sub":"u-2")", "POST", "/api/messages/1",
                R"({"content":"hi","client_id":"c"})")
            .status == 201);
}

TEST_CASE("proven users edit and delete what is theirs and nothing else") {
  token_world world;
  furnish(world);
  const auto edit = R"({"content":"better","username":"ann"})";
  CHECK(world.as(R"("sub":"ben")", "PATCH", "/api/messages/1/1", edit).status == 403);
  CHECK(world.as(R"("sub":"ben")", "DELETE", "/api/messages/1/1", {}, {{"username", "ann"}})
            .status == 403);
  CHECK(world.as(R"("sub":"ann")", "PATCH", "/api/messages/1/1", edit).status == 200);
  CHECK(world.as(R"("sub":"ann")", "DELETE", "/api/messages/1/1").status == 200);
}

TEST_CASE("a list of rooms holds on every route") {
  token_world world;
  furnish(world);
  for (const auto& [method, path, body, query] : guarded()) {
    const auto response =
        world.as(R"("sub":"ann","rooms":["team-*"])", method, path, body, query);
    INFO(method << ' ' << path);
    if (path == "/api/rooms" && method == "GET") {
      CHECK(body_of{response}["rooms"].size() == 0);
    } else if (path == "/api/search") {
      CHECK(body_of{response}["results"].size() == 0);
    } else {
      CHECK(response.status == 403);
      CHECK(error_code_of(response) == "forbidden");
    }
  }
  // With the room on the list everything works.
  for (const auto& [method, path, body, query] : guarded())
    CHECK(world.as(R"("sub":"ann","rooms":["lobby","new"])", method, path, body, query).status <
          300);
}

TEST_CASE("lists and searches show the allowed rooms among others") {
  token_world world;
  furnish(world);
  world.as(R"("sub":"ann")", "POST", "/messages", R"({"room":"tea","content":"hello tea"})");
  const auto claims = R"("sub":"ben","rooms":["tea"])";
  const auto rooms = world.as(claims, "GET", "/api/rooms");
  REQUIRE(body_of{rooms}["rooms"].size() == 1);
  CHECK(body_of{rooms}["rooms"].at(0).find("name").string() == "tea");
  const auto found = world.as(claims, "GET", "/api/search", {}, {{"q", "hello"}});
  REQUIRE(body_of{found}["results"].size() == 1);
  CHECK(body_of{found}["results"].at(0).find("message").find("room").string() == "tea");
  // A page is full, and the last one says that it is the last.
  const auto page = world.as(claims, "GET", "/api/rooms", {}, {{"limit", "1"}});
  CHECK(body_of{page}["rooms"].size() == 1);
  CHECK(body_of{page}["next"].is_null());
}

TEST_CASE("who may only read does not write") {
  token_world world;
  furnish(world);
  for (const auto& [method, path, body, query] : guarded()) {
    const auto response = world.as(R"("sub":"ann","scope":"read")", method, path, body, query);
    INFO(method << ' ' << path);
    CHECK(response.status == (method == "GET" ? 200 : 403));
  }
  const auto unknown = world.as(R"("sub":"ann","scope":"read")", "POST", "/messages",
                                R"({"room":"nowhere","content":"x"})");
  CHECK(unknown.status == 404);
  for (const auto& [method, path, body, query] : guarded()) {
    const auto response =
        world.as(R"("sub":"ann","scope":"openid")", method, path, body, query);
    CHECK((response.status == 403 || body_of{response}["rooms"].size() == 0));
  }
}

TEST_CASE("one asks for one's own reading only") {
  token_world world;
  furnish(world);
  CHECK(world.as(R"("sub":"ann")", "GET", "/api/rooms", {}, {{"user_id", "ann"}}).status ==
        200);
  CHECK(world.as(R"("sub":"ben")", "GET", "/api/rooms", {}, {{"user_id", "ann"}}).status ==
        403);
  CHECK(world.key("GET", "/api/rooms", {}, {{"user_id", "ann"}}).status == 200);
}

TEST_CASE("an API key posts as any user") {
  token_world world;
  furnish(world);
  const auto post = [&](const std::string& names) {
    const auto response =
        world.key("POST", "/api/messages/1", R"({"content":"hi")" + names + "}");
    REQUIRE(response.status == 201);
    const body_of body{response};
    return std::string{*body["user_id"].string()} + "/" +
           std::string{*body["username"].string()};
  };
  CHECK(post(R"(,"username":"ann")") == "ann/ann");
  CHECK(post(R"(,"user_id":"u-1")") == "u-1/u-1");
  CHECK(post(R"(,"user_id":"u-1","username":"Ann")") == "u-1/Ann");
  CHECK(post("") == "billing/billing");
  CHECK(post(R"(,"client_id":"c")") == "billing/billing");
  CHECK(world.key("POST", "/api/messages/1", R"({"content":"hi","user_id":7})").status == 400);
  CHECK(world.key("PATCH", "/api/messages/1/1", R"({"content":"x","user_id":"ann"})").status ==
        200);
  CHECK(world.key("PATCH", "/api/messages/1/1", R"({"content":"y","user_id":"ben"})").status ==
        403);
  CHECK(world.key("DELETE", "/api/messages/1/1").status == 400);
  CHECK(world.key("DELETE", "/api/messages/1/1", {}, {{"user_id", "ann"}}).status == 200);
}

TEST_CASE("API keys hold in open mode too, and an unknown one is never taken for nobody") {
  token_world world{open_authenticator()};
  CHECK(world.key("POST", "/messages", R"({"room":"lobby","content":"x"})").status == 201);
  CHECK(world.ask("Bearer hbk_unknown", "GET", "/api/rooms").status == 401);
  CHECK(world.ask("", "GET", "/api/rooms").status == 200);
  CHECK(world.ask("Bearer x.y.z", "GET", "/api/rooms").status == 200);
  // With a key names are proven: it may edit where nobody else may.
  CHECK(world.key("PATCH", "/api/messages/1/1", R"({"content":"y","user_id":"billing"})")
            .status == 200);
  CHECK(world.ask("", "PATCH", "/api/messages/1/1", R"({"content":"z","username":"billing"})")
            .status == 403);
}

TEST_CASE("what the server is says how one comes in") {
  token_world world;
  CHECK(body_of{world.ask("", "GET", "/api/info")}["auth"].string() == "token");
  token_world open{open_authenticator()};
  CHECK(body_of{open.ask("", "GET", "/api/info")}["auth"].string() == "open");
}

TEST_CASE("new keys hold from then on") {
  token_world world;
  const auto old = "Bearer " + token_with(R"("sub":"ann")");
  CHECK(world.ask(old, "GET", "/api/rooms").status == 200);
  world.world().use(test_authenticator(std::string(32, 'n')));
  CHECK(world.ask(old, "GET", "/api/rooms").status == 401);
}
