// The routes of the page for people on call.
#include "tests/actors/session/tokens.hpp"
#include "tests/net/api/api_world.hpp"

#include <array>
#include <limits>
#include <string>
#include <string_view>
#include <utility>

namespace hubbub::test {
namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 5> admin_routes{{
    {"GET", "/api/admin/now"},
    {"GET", "/api/admin/activity"},
    {"GET", "/api/admin/trace"},
    {"POST", "/api/admin/disconnect"},
    {"POST", "/api/admin/drain"},
}};
const std::string with_key = "Bearer " + std::string{api_key_text};

http_response ask_with(api_world& world, const std::string& shown, std::string_view method,
                       std::string_view path, std::string body = {}) {
  http_request request;
  request.method = method;
  request.path = path;
  request.body = std::move(body);
  if (!shown.empty()) request.headers.emplace_back("authorization", shown);
  auto response = world.try_ask(std::move(request));
  REQUIRE(response);
  return std::move(*response);
}

std::string with_token(std::string_view claims) {
  return "Bearer " + token_with(claims);
}

TEST_CASE("without keys there is nothing for people on call") {
  api_world world;
  for (const auto& [method, path] : admin_routes)
    for (const auto& shown : {std::string{}, with_key, with_token(R"("scope":"admin")")}) {
      CAPTURE(std::string{path}, shown);
      const auto answer = ask_with(world, shown, method, path);
      CHECK(answer.status == 404);
      CHECK(error_code_of(answer) == "not_found");
    }
  CHECK(world.get("/admin").status == 404);
  CHECK(world.drains() == 0);
}

TEST_CASE("only admins and API keys may look and act") {
  const bool tokens = GENERATE(true, false);
  api_world world;
  world.use(tokens ? test_authenticator() : open_authenticator());
  for (const auto& [method, path] : admin_routes) {
    CAPTURE(std::string{path}, tokens);
    const auto refused = ask_with(world, "", method, path);
    CHECK(refused.status == 401);
    CHECK(header_of(refused, "WWW-Authenticate") == "Bearer");
    CHECK(ask_with(world, "Bearer hbk_wrong", method, path).status == 401);
    if (!tokens) continue;
    for (const auto* claims : {R"("sub":"ann")", R"("sub":"ann","scope":"write")",
                               R"("sub":"root","scope":"admin","rooms":["lobby"])"}) {
      CAPTURE(claims);
      const auto forbidden = ask_with(world, with_token(claims), method, path);
      CHECK(forbidden.status == 403);
      CHECK(error_code_of(forbidden) == "forbidden");
    }
  }
  CHECK(world.drains() == 0);
  CHECK(ask_with(world, with_key, "GET", "/api/admin/now").status == 200);
  if (!tokens) return;
  const auto admin = with_token(R"("sub":"root","scope":"admin")");
  CHECK(ask_with(world, admin, "GET", "/api/admin/activity").status == 200);
}

TEST_CASE("the flight recorder answers one question at a time, about any time") {
  api_world world;
  world.use(open_authenticator());
  const auto status = [&world] {
    http_request request;
    request.method = "GET";
    request.path = "/api/admin/trace";
    request.query = {{"since", "9223372036854775807"}};
    request.headers.emplace_back("authorization", with_key);
    return world.try_ask(std::move(request)).value().status;
  };
  auto turn = world.take_trace_turn();
  CHECK(status() == 429);
  turn.reset();
  CHECK(status() == 500); // there is no such file
  CHECK(status() == 500);
}

TEST_CASE("the page is there for everybody once there are keys") {
  api_world world;
  world.use(open_authenticator());
  const auto page = world.get("/admin");
  CHECK(page.status == 200);
  CHECK(page.content_type == "text/html; charset=utf-8");
  CHECK(header_of(page, "Content-Security-Policy").starts_with("default-src 'none';"));
  CHECK(page.content().find("Hubbub on call") != std::string_view::npos);
  const auto moved = world.get("/admin/");
  CHECK(moved.status == 308);
  CHECK(header_of(moved, "Location") == "../admin");
}

TEST_CASE("what happens now is told with the counters of the metrics") {
  api_world world;
  world.use(open_authenticator());
  CHECK(world.get("/healthz").status == 200);
  (void)world.wait_out(); // the first sample only begins the history
  world.post("/messages", R"({"room":"general","content":"x"})");
  (void)world.wait_out();
  const auto answer = ask_with(world, with_key, "GET", "/api/admin/now");
  REQUIRE(answer.status == 200);
  const body_of now{answer};
  CHECK(now["ready"].boolean() == true);
  CHECK(now["stopping"].boolean() == false);
  CHECK(now["node"].integer() == 7);
  const auto metrics = now["metrics"];
  CHECK(metrics.find("hubbub_messages_stored_total").integer() == 1);
  CHECK(metrics.find("hubbub_sessions_open").find("websocket").integer() == 2);
  CHECK(metrics.find("hubbub_sessions_closed_total").find("slow_reader").integer() == 5);
  CHECK(metrics.find("hubbub_errors_total").find("http not_found").integer() == 0);
  CHECK_FALSE(metrics.find("hubbub_ack_seconds").is_object());
  CHECK(now["figures"].find("sessions_open").integer() == 3);
  CHECK(now["figures"].find("rooms_awake").integer() ==
        metrics.find("hubbub_rooms_awake").integer());

  const auto history = now["history"];
  CHECK(history.find("interval_seconds").integer() == 10);
  const auto samples = history.find("samples");
  REQUIRE(samples.size() == 1);
  CHECK(samples.at(0).find("number").integer() == 1);
  CHECK(samples.at(0).find("values").size() == history.find("figures").size());

  http_request later;
  later.method = "GET";
  later.path = "/api/admin/now";
  later.query = {{"since", "1"}};
  later.headers.emplace_back("authorization", with_key);
  const auto rest = world.try_ask(later);
  REQUIRE(rest);
  CHECK(body_of{*rest}["history"].find("samples").size() == 0);
  later.query = {{"since", "x"}};
  CHECK(world.try_ask(later)->status == 400);

  world.begin_stop();
  const body_of stopping{ask_with(world, with_key, "GET", "/api/admin/now")};
  CHECK(stopping["ready"].boolean() == false);
  CHECK(stopping["stopping"].boolean() == true);
}

TEST_CASE("rooms and users are counted from the first question on") {
  api_world world;
  world.use(open_authenticator());
  const auto say = [&world](std::string_view room, std::string_view user) {
    const auto said =
        world.post("/messages", R"({"content":"x","room":")" + std::string{room} +
                                    R"(","username":")" + std::string{user} + "\"}");
    REQUIRE(said.status == 201);
  };
  say("general", "ann");
  const body_of before{ask_with(world, with_key, "GET", "/api/admin/activity")};
  CHECK(before["rooms"].size() == 0);
  say("general", "ann");
  say("general", "bob");
  say("tea", "bob");
  say("general", "bob");
  const body_of after{ask_with(world, with_key, "GET", "/api/admin/activity")};
  REQUIRE(after["rooms"].size() == 2);
  CHECK(after["rooms"].at(0).find("room").string() == "general");
  CHECK(after["rooms"].at(0).find("room_id").integer() == 1);
  CHECK(after["rooms"].at(0).find("messages").integer() == 3);
  CHECK(after["rooms"].at(1).find("messages").integer() == 1);
  REQUIRE(after["users"].size() == 2);
  CHECK(after["users"].at(0).find("user_id").string() == "bob");
  CHECK(after["users"].at(0).find("messages").integer() == 3);
  CHECK(after["users"].at(1).find("messages").integer() == 1);
  CHECK(after["slow_readers"].size() == 0);
}

TEST_CASE("a server is drained once, however often somebody wants it") {
  api_world world;
  world.use(open_authenticator());
  const auto answer = ask_with(world, with_key, "POST", "/api/admin/drain");
  CHECK(answer.status == 202);
  CHECK(world.drains() == 1);
  world.begin_stop();
  CHECK(ask_with(world, with_key, "POST", "/api/admin/drain").status == 202);
  CHECK(world.drains() == 1);
}

TEST_CASE("a user is disconnected by its user_id") {
  api_world world;
  world.use(open_authenticator());
  const auto disconnect = [&world](std::string body) {
    return ask_with(world, with_key, "POST", "/api/admin/disconnect", std::move(body));
  };
  CHECK(disconnect("").status == 400);
  CHECK(disconnect("{}").status == 400);
  CHECK(disconnect(R"({"user_id":7})").status == 400);
  const auto nobody = disconnect(R"({"user_id":"ann"})");
  CHECK(nobody.status == 200);
  CHECK(nobody.body == R"({"disconnected":0})");
}

} // namespace
} // namespace hubbub::test
