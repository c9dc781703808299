#include "tests/net/raw_client.hpp"
#include "tests/net/server_world.hpp"
#include "tests/support/catch.hpp"

#include <string>

namespace hubbub::test {

using Catch::Matchers::Contains;

TEST_CASE("empty lines before a request are ignored, also in pieces and between requests") {
  server_world world;
  const std::string request = "GET /none HTTP/1.1\r\nHost: x\r\n\r\n";
  raw_client client{world.port()};
  client.send("\r\n" + request);
  CHECK(client.read_response().status == 404);
  client.send("\r\n\r\n\n" + request + "\r\n" + request + "\r\n");
  CHECK(client.read_response().status == 404);
  CHECK(client.read_response().status == 404);
  client.send("\r");
  client.send("\n");
  client.send(request);
  CHECK(client.read_response().status == 404);
  // A line that is not empty is not skipped.
  client.send(" \r\n" + request);
  CHECK(client.read_response().status == 400);
  CHECK(client.read_to_end().empty());
}

TEST_CASE("OPTIONS names what a path takes") {
  server_world world;
  raw_client client{world.port()};
  const auto allowed = [&client](const std::string& target) {
    client.send("OPTIONS " + target + " HTTP/1.1\r\nHost: x\r\n\r\n");
    const auto response = client.read_response();
    CHECK(response.status == 204);
    const auto at = response.head.find("\r\nAllow: ") + 9;
    return response.head.substr(at, response.head.find("\r\n", at) - at);
  };
  CHECK(allowed("/engine.io/") == "GET, POST, OPTIONS");
  CHECK(allowed("/socket.io/?EIO=4") == "GET, POST, OPTIONS");
  CHECK(allowed("/openapi.json/") == "GET, HEAD, OPTIONS");
  CHECK(allowed("/none") == "OPTIONS");
  CHECK(allowed("*") == "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS");
}

TEST_CASE("without TLS no answer speaks of Strict-Transport-Security") {
  local_config config;
  config.hsts = "max-age=100";
  server_world world{config};
  raw_client client{world.port()};
  CHECK_THAT(client.get("/none").head, !Contains("Strict-Transport-Security"));
}

} // namespace hubbub::test
