// Exceeds each bound on what one connection may use.
#include "tests/net/server_world.hpp"
#include "tests/support/catch.hpp"

#include <chrono>
#include <string>
#include <string_view>

namespace hubbub::test {

using Catch::Matchers::Contains;

namespace {

std::string fragment(unsigned first_byte, std::string_view payload) {
  auto frame = client_frame(payload, 0);
  frame[0] = static_cast<char>(first_byte);
  return frame;
}

/// Returns text in `count` fragments, the last of which is final if `whole`.
std::string fragments(int count, std::string_view first, std::string_view rest, bool whole) {
  std::string out = fragment(1, first);
  for (int i = 2; i <= count; ++i)
    out += fragment(whole && i == count ? 0x80U : 0U, rest);
  return out;
}

} // namespace

TEST_CASE("a request with too many headers is refused") {
  local_config config;
  config.bounds.max_headers = 20;
  server_world world{config};
  const auto request = [](int more) {
    std::string text = "GET /none HTTP/1.1\r\nHost: x\r\n";
    for (int i = 0; i < more; ++i)
      text += "X-" + std::to_string(i) + ": y\r\n";
    return text + "\r\n";
  };
  raw_client client{world.port()};
  client.send(request(19));
  CHECK(client.read_response().status == 404);
  client.send(request(20));
  const auto refused = client.read_response();
  CHECK(refused.status == 431);
  CHECK_THAT(refused.head, Contains("Connection: close"));
  CHECK(client.read_to_end().empty());
}

TEST_CASE("a client has so long for a head, for a body, and between two requests") {
  using namespace std::chrono_literals;
  local_config config;
  // Other time-outs are long enough not to matter.
  config.header_timeout = config.body_timeout = config.idle_timeout = 1h;
  std::string bytes;
  SECTION("the head, of which something came") {
    config.header_timeout = 50ms;
    bytes = "GET /none HTTP/1.1\r\nHost: x\r\nX-Slow:";
  }
  SECTION("the head, of which nothing came") {
    config.header_timeout = 50ms;
  }
  SECTION("the body") {
    config.body_timeout = 50ms;
    bytes = "POST /none HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n12345";
  }
  SECTION("the next request") {
    config.idle_timeout = 50ms;
    bytes = "GET /none HTTP/1.1\r\nHost: x\r\n\r\n";
  }
  server_world world{config};
  raw_client client{world.port()};
  client.send(bytes);
  if (bytes.ends_with("\r\n\r\n")) CHECK(client.read_response().status == 404);
  CHECK(client.read_to_end().empty());
}

TEST_CASE("a URL that is too long is refused") {
  local_config config;
  config.bounds.max_url_bytes = 2'000;
  server_world world{config};
  raw_client client{world.port()};
  CHECK(client.get("/" + std::string(1'999, 'x')).status == 404);
  CHECK(client.get("/" + std::string(2'000, 'x')).status == 414);
  CHECK(client.read_to_end().empty());
}

TEST_CASE("a message in too many fragments ends its session, others go on") {
  local_config config;
  config.bounds.max_fragments = 50;
  server_world world{config};
  raw_client other{world.port()};
  open_websocket(other);
  const auto [first, rest, whole] = GENERATE(table<std::string, std::string, bool>(
      {{"4", "x", true}, {"4", "x", false}, {"4", "", false}, {"", "", false}}));
  raw_client client{world.port()};
  open_websocket(client);
  client.send(fragments(50, "4a", "x", true));
  CHECK(client.read_frame().payload == "4a" + std::string(49, 'x'));
  client.send(fragments(51, first, rest, whole));
  CHECK(read_end_of_violation(client) == "\x03\xf0"); // 1008
  CHECK(client.read_to_end().empty());
  CHECK(world.stats().sessions_open == 1);
  other.send(client_frame("4hello"));
  CHECK(other.read_frame().payload == "4hello");
}

TEST_CASE("frames that came behind the request for the WebSocket are counted too") {
  local_config config;
  config.bounds.max_fragments = 5;
  server_world world{config};
  raw_client client{world.port()};
  client.send(websocket_request(by_websocket) + fragments(6, "4", "", false));
  REQUIRE(client.read_until("\r\n\r\n").starts_with("HTTP/1.1 101 "));
  while (client.read_frame().opcode != 8) {
  }
  CHECK(client.read_to_end().empty());
}

TEST_CASE("a polling session that never polls is closed when it holds too much") {
  local_config config;
  config.max_queue_bytes = 100'000;
  config.max_volatile_bytes = 10'000;
  server_world world{config};
  raw_client client{world.port()};
  const auto target = polling + "&sid=" + open_session(client);
  // Small packets, which take far more memory than their bytes.
  std::string body = "4x";
  for (int i = 1; i < 100; ++i)
    body += "\x1e"
            "4x";
  auto posted = 0;
  while (posted < 1'000 && world.stats().slow_readers == 0) {
    CHECK(client.post(target, body).body == "ok");
    ++posted;
  }
  CHECK(posted < 10);
  CHECK(client.get(target).status == 400);
  // A refused POST would keep some clients from coming back.
  CHECK(client.post(target, body).body == "ok");
  CHECK(world.stats().slow_readers == 1);
  CHECK(world.stats().sessions_open == 0);
}

} // namespace hubbub::test
