#include "net/api/api_route.hpp"
#include "net/http/embedded_files.hpp"
#include "net/version.hpp"
#include "tests/net/api/api_world.hpp"
#include "tests/net/silent_reader.hpp"
#include "tests/net/source_file.hpp"

#include <algorithm>
#include <set>

namespace hubbub::test {
namespace {

/// A store in which every operation fails.
class broken_store : public store {
 public:
  explicit broken_store(store_error why) : why_(why) {}
  std::unique_ptr<store_writer> writer() override {
    return std::make_unique<broken_writer>(why_);
  }
  std::unique_ptr<store_reader> reader() override {
    return std::make_unique<broken_reader>(why_);
  }
  std::unique_ptr<store_upkeep> upkeep() override { return nullptr; }
  [[nodiscard]] const std::array<std::uint8_t, 16>& secret() const override { return secret_; }
  [[nodiscard]] bool single_threaded() const override { return true; }

 private:
  struct broken_writer : store_writer {
    explicit broken_writer(store_error e) : why(e) {}
    std::vector<write_outcome> commit(std::span<const write_op> ops, timestamp) override {
      return std::vector<write_outcome>(ops.size(), why);
    }
    bool purge(timestamp) override { return false; }
    void stop_writing() override {}
    store_error why;
  };
  struct broken_reader : store_reader {
    explicit broken_reader(store_error e) : why(e) {}
    expected<room_record, store_error> find_room(room_id) override { return unexpected(why); }
    expected<room_record, store_error> find_room(std::string_view) override {
      return unexpected(store_error::no_such_room);
    }
    expected<std::vector<room_record>, store_error>
    list_rooms(room_id, std::string_view, std::int64_t, const room_viewer&) override {
      return unexpected(why);
    }
    expected<std::vector<standing>, store_error> read_standings(room_id) override {
      return unexpected(why);
    }
    expected<user_standing, store_error> standing_of(room_id, std::string_view,
                                                     timestamp) override {
      return unexpected(why);
    }
    expected<message_page, store_error> read_messages(const message_range&) override {
      return unexpected(why);
    }
    expected<message_page, store_error> read_changes(const change_range&) override {
      return unexpected(why);
    }
    expected<std::vector<sequence>, store_error> acked_messages(recovery_id,
                                                                const message_range&) override {
      return unexpected(why);
    }
    expected<search_page, store_error> search(const search_query&) override {
      return unexpected(why);
    }
    expected<std::vector<read_marker>, store_error>
    read_markers(std::string_view, std::span<const room_id>) override {
      return unexpected(why);
    }
    expected<std::optional<recoverable_session>, store_error>
    find_recoverable(recovery_id) override {
      return unexpected(why);
    }
    expected<bool, store_error> is_member(recovery_id, room_id, bool) override {
      return unexpected(why);
    }
    store_error why;
  };

  store_error why_;
  std::array<std::uint8_t, 16> secret_{};
};

std::string file(std::string_view name) {
  const auto files = embedded_files();
  const auto found = std::ranges::find(files, name, &embedded_file::name);
  REQUIRE(found != files.end());
  return std::string{found->content};
}

TEST_CASE("a failing store is told as such, and the server is alive but not ready") {
  const auto why = GENERATE(store_error::full, store_error::io, store_error::corrupt);
  const unsigned status = why == store_error::full ? 507 : 500;
  api_world world{{}, std::make_unique<broken_store>(why)};
  CHECK(world.get("/readyz").status == 200);

  for (const auto& answer :
       {world.post("/api/rooms", R"({"name":"x"})"),
        world.post("/messages", R"({"room":"x","content":"x"})"),
        world.post("/api/messages/1", R"({"content":"x"})"), world.get("/api/rooms"),
        world.get("/api/rooms/1"), world.get("/api/messages/1")}) {
    CHECK(answer.status == status);
    CHECK(error_code_of(answer) == "storage_error");
  }
  const auto ready = world.get("/readyz");
  CHECK(ready.status == 503);
  CHECK(error_code_of(ready) == "storage_error");
  CHECK(world.get("/healthz").status == 200);
  const auto page = world.get("/metrics").body;
  CHECK(page.find("\nhubbub_store_commits_total 0\n") != std::string::npos);
  CHECK(page.find("\nhubbub_store_commits_failed_total 2\n") != std::string::npos);
  CHECK(page.find("\nhubbub_store_commit_seconds_count 2\n") != std::string::npos);
  CHECK(page.find("\nhubbub_store_healthy 0\n") != std::string::npos);
}

TEST_CASE("metrics are told even if an actor does not answer, without those of that actor") {
  api_world world{
      [](caf::actor_system& system) -> reader_actor { return system.spawn<silent_reader>(); }};
  http_request request;
  request.method = "GET";
  request.path = "/metrics";
  REQUIRE_FALSE(world.try_ask(request));
  const auto answer = world.wait_out();
  REQUIRE(answer);
  CHECK(answer->status == 200);
  const auto has = [&answer](std::string_view text) {
    return answer->body.find(text) != std::string::npos;
  };
  CHECK(has("\nhubbub_actor_answers{actor=\"reader_0\"} 0\n"));
  CHECK(has("\nhubbub_actor_answers{actor=\"writer\"} 1\n"));
  CHECK(has("\nhubbub_actor_wait_seconds{actor=\"writer\"} "));
  CHECK_FALSE(has("\nhubbub_actor_wait_seconds{actor=\"reader_0\"} "));
  CHECK_FALSE(has("\nhubbub_searches_total"));
  CHECK(has("\nhubbub_store_healthy 1\n"));
}

TEST_CASE("whoever is not answered in time hears that the server is overloaded") {
  api_world world{
      [](caf::actor_system& system) -> reader_actor { return system.spawn<silent_reader>(); }};
  http_request request;
  request.method = "GET";
  request.path = "/api/rooms";
  REQUIRE_FALSE(world.try_ask(request));
  const auto answer = world.wait_out();
  REQUIRE(answer);
  CHECK(answer->status == 503);
  CHECK(error_code_of(*answer) == "overloaded");
  CHECK(header_of(*answer, "Retry-After") == "1");
}

TEST_CASE("a thread with too many unanswered calls refuses more, but tells how it is") {
  chat_settings settings;
  settings.api_calls_per_thread = 2;
  api_world world{
      [](caf::actor_system& system) -> reader_actor { return system.spawn<silent_reader>(); },
      settings};
  const auto ask = [&world] {
    http_request request;
    request.method = "GET";
    request.path = "/api/rooms";
    return world.try_ask(request);
  };
  REQUIRE_FALSE(ask());
  REQUIRE_FALSE(ask());
  const auto refused = ask();
  REQUIRE(refused);
  CHECK(refused->status == 503);
  CHECK(error_code_of(*refused) == "overloaded");
  CHECK(header_of(*refused, "Retry-After") == "1");
  CHECK(world.refused(refused_by::api_calls_per_thread) == 1);
  CHECK(world.get("/healthz").status == 200);
  CHECK(world.get("/readyz").status == 200);
  (void)world.wait_out();
  CHECK_FALSE(ask()); // the two were answered
}

TEST_CASE("a server whose writer has ended says so, and not that it waits") {
  api_world world;
  world.end_writer();
  const auto ready = world.get("/readyz");
  CHECK(ready.status == 503);
  CHECK_THAT(ready.body, Catch::Contains("the store's writer has ended"));
}

TEST_CASE("a server that is stopping is alive and not ready") {
  api_world world;
  CHECK(world.get("/readyz").status == 200);
  world.begin_stop();
  CHECK(world.get("/readyz").status == 503);
  CHECK(world.get("/healthz").status == 200);
}

TEST_CASE("a path with another method names those it knows") {
  api_world world;
  const auto allow = [&world](std::string method, std::string path) {
    const auto answer = world.ask(std::move(method), std::move(path));
    CHECK(answer.status == 405);
    CHECK(error_code_of(answer) == "method_not_allowed");
    return header_of(answer, "Allow");
  };
  CHECK(allow("DELETE", "/api/rooms") == "GET, HEAD, POST");
  CHECK(allow("PUT", "/api/messages/1") == "GET, HEAD, POST");
  CHECK(allow("GET", "/messages") == "POST");
  CHECK(allow("POST", "/healthz") == "GET, HEAD");
  CHECK(allow("POST", "/openapi.json") == "GET, HEAD");
  CHECK(allow("POST", "/openapi.json/") == "GET, HEAD");
}

TEST_CASE("unknown paths are not found, near misses too") {
  api_world world;
  for (const auto* path : {"/api", "/api/", "/api/room", "/api/rooms/1/member", "/x", "//", "",
                           "/api/rooms/1/members/2", "/api/messages", "/healthz/x",
                           "/../etc/passwd", "/chat.js/"}) {
    const auto answer = world.get(path);
    INFO(path);
    CHECK(answer.status == 404);
    CHECK(error_code_of(answer) == "not_found");
  }
}

TEST_CASE("the page loads nothing that is not there, and holds no script or style") {
  const auto html = file("/index.html");
  for (const auto* part : {"<style", "style=", "onclick", "javascript:", "<script>"})
    CHECK(html.find(part) == std::string::npos);
  for (auto at = html.find("\"/assets/"); at != std::string::npos;
       at = html.find("\"/assets/", at + 1)) {
    const auto name = html.substr(at + 1, html.find('"', at + 1) - at - 1);
    INFO(name);
    CHECK_FALSE(file(name).empty());
  }
}

TEST_CASE("no script of the page turns text into markup") {
  for (const auto& each : embedded_files()) {
    if (!each.immutable) continue;
    INFO(each.name);
    for (const auto* part : {"innerHTML", "insertAdjacentHTML", "document.write", "eval("})
      CHECK(each.content.find(part) == std::string_view::npos);
  }
}

TEST_CASE("the version is one everywhere") {
  const std::string version{hubbub_version};
  CHECK(version == std::to_string(HUBBUB_VERSION_MAJOR) + "." +
                       std::to_string(HUBBUB_VERSION_MINOR) + "." +
                       std::to_string(HUBBUB_VERSION_PATCH));
  CHECK(file("/openapi.json").find("\"version\": \"" + version + "\"") != std::string::npos);
}

TEST_CASE("info tells what a client may count on") {
  chat_settings settings;
  settings.limits.content = 17;
  api_world world{settings};
  const auto answer = world.get("/api/info");
  const body_of info{answer};
  CHECK(info["auth"].string() == "open");
  CHECK(info["version"].string() == hubbub_version);
  CHECK(info["limits"].find("content").integer() == 17);
  CHECK(info["limits"].find("max_payload").integer() == 1'000'000);
  CHECK(info["features"].size() > 0);
}

TEST_CASE("metrics are counted where things happen, and the manual lists every one") {
  api_world world;
  world.post("/messages", R"({"room":"general","content":"x"})");
  const auto answer = world.get("/metrics");
  CHECK(answer.status == 200);
  CHECK(answer.content_type.starts_with("text/plain; version=0.0.4"));
  const auto has = [&answer](std::string_view line) {
    return answer.body.find("\n" + std::string{line} + "\n") != std::string::npos;
  };
  CHECK(has("hubbub_messages_stored_total 1"));
  CHECK(has("hubbub_ack_seconds_count{outcome=\"stored\"} 1"));
  CHECK(has("hubbub_store_commits_total 2")); // the room and the message
  CHECK(has("hubbub_store_commits_failed_total 0"));
  CHECK(has("hubbub_store_batch_operations_bucket{le=\"1\"} 2"));
  CHECK(has("hubbub_http_request_seconds_count{method=\"POST\",route=\"/messages/\",status="
            "\"2xx\"} 1"));
  CHECK(has("hubbub_http_request_seconds_bucket{method=\"POST\",route=\"/messages/\",status="
            "\"2xx\",le=\"+Inf\"} 1"));
  CHECK(has("hubbub_errors_total{transport=\"http\",code=\"not_found\"} 0"));
  CHECK(has("hubbub_recoveries_total{outcome=\"recovered\"} 0"));
  CHECK(has("hubbub_sessions_closed_total{reason=\"slow_reader\"} 5"));
  CHECK(has("hubbub_writes_waiting 0"));
  CHECK(has("hubbub_store_healthy 1"));
  CHECK(has("hubbub_store_wal_bytes 0")); // the store is in memory
  CHECK(has("hubbub_rooms_awake 1"));
  CHECK(has("hubbub_requests_refused_total{reason=\"rooms\"} 0"));
  CHECK(has("hubbub_sessions_open{transport=\"polling\"} 1"));
  CHECK(has("hubbub_sessions_open{transport=\"websocket\"} 2"));

  const auto manual = source_file("docs/monitoring.md");
  constexpr std::string_view help = "# HELP ";
  for (auto at = answer.body.find(help); at != std::string::npos;
       at = answer.body.find(help, at + 1)) {
    const auto start = at + help.size();
    const auto name = answer.body.substr(start, answer.body.find(' ', start) - start);
    INFO(name);
    CHECK(manual.find("`" + name + "`") != std::string::npos);
  }
}

/// Returns the path of a route as the description names it: without a slash at its end.
std::string_view described_path(const api_route& route) {
  auto path = route.pattern;
  if (path.ends_with('/')) path.remove_suffix(1);
  return path;
}

TEST_CASE("the OpenAPI description knows every route and no other") {
  const auto parsed = json::parse(file("/openapi.json"), 64);
  REQUIRE(parsed);
  CHECK(parsed->root().find("openapi").string() == "3.1.0");

  std::set<std::string> described;
  const auto paths = parsed->root().find("paths");
  for (std::size_t i = 0; i < paths.size(); ++i)
    for (std::size_t j = 0; j < paths.member_at(i).size(); ++j)
      if (const auto method = paths.member_at(i).name_at(j); method != "parameters")
        described.insert(std::string{method} + " " + std::string{paths.name_at(i)});

  std::set<std::string> known{"get /openapi.json"};
  for (const auto& route : api_routes()) {
    std::string method{route.method};
    std::ranges::transform(method, method.begin(),
                           [](char c) { return static_cast<char>(c - 'A' + 'a'); });
    known.insert(method + " " + std::string{described_path(route)});
  }
  CHECK(described == known);
}

TEST_CASE("the OpenAPI description names the errors that a route may answer") {
  const auto parsed = json::parse(file("/openapi.json"), 64);
  REQUIRE(parsed);
  const auto root = parsed->root();
  const auto whole = root.find("components").find("responses");
  const auto answer = [&](const api_route& route, std::string_view status) {
    std::string method{route.method};
    std::ranges::transform(method, method.begin(),
                           [](char c) { return static_cast<char>(c - 'A' + 'a'); });
    const auto ref = root.find("paths")
                         .find(described_path(route))
                         .find(method)
                         .find("responses")
                         .find(status)
                         .find("$ref")
                         .string()
                         .value_or("");
    return std::string{ref.substr(std::min(ref.size(), ref.rfind('/') + 1))};
  };
  for (const auto& route : api_routes()) {
    INFO(route.method << ' ' << route.pattern);
    if (route.guard == api_guard::open) continue;
    CHECK(answer(route, "401") == "unauthorized");
    CHECK(answer(route, "429") == "rate_limited");
    CHECK(answer(route, "503") == "overloaded");
    const bool takes_up_room =
        route.method == "PUT" || (route.method == "POST" && (route.pattern == "/api/rooms" ||
                                                             route.pattern == "/messages/"));
    CHECK((answer(route, "403") == "forbidden_or_full") == takes_up_room);
  }
  for (std::size_t i = 0; i < whole.size(); ++i) {
    const auto body = whole.member_at(i).find("content").find("application/json");
    INFO(whole.name_at(i));
    CHECK((body.find("example").is_object() || body.find("examples").is_object()));
  }
  CHECK(whole.find("forbidden_or_full")
            .find("content")
            .find("application/json")
            .find("examples")
            .find("limit_exceeded")
            .is_object());
}

} // namespace
} // namespace hubbub::test
