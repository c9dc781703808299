#include "tests/net/raw_client.hpp"
#include "tests/net/server_world.hpp"
#include "tests/support/catch.hpp"

#include <cstddef>
#include <ios>
#include <sstream>
#include <string>

namespace hubbub::test {

using Catch::Matchers::Contains;
using Catch::Matchers::EndsWith;
using Catch::Matchers::StartsWith;

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

TEST_CASE(
    "a body of more than the largest message is for Engine.IO alone, declared or in chunks") {
  local_config config;
  config.engine.max_payload = 1'000;
  server_world world{config};
  std::string method = "POST";
  const auto answer_to = [&](const std::string& target, std::size_t size, bool in_chunks) {
    std::ostringstream request;
    request << method << ' ' << target << " HTTP/1.1\r\nHost: x\r\n";
    if (in_chunks)
      request << "Transfer-Encoding: chunked\r\n\r\n" << std::hex << size << "\r\n";
    else
      request << "Content-Length: " << size << "\r\n\r\n";
    request << std::string(size, 'x') << (in_chunks ? "\r\n0\r\n\r\n" : "");
    raw_client client{world.port()};
    client.send(request.str());
    return client.read_response().status;
  };
  const auto in_chunks = GENERATE(false, true);
  const std::string engine = "/engine.io/?EIO=4&transport=polling&sid=unknown";
  CHECK(answer_to("/none", 1'000, in_chunks) == 404);
  CHECK(answer_to("/none", 1'001, in_chunks) == 413);
  CHECK(answer_to(engine, 1'001, in_chunks) == 400);
  CHECK(answer_to(engine, 1'500, in_chunks) == 400);
  CHECK(answer_to(engine, 1'501, in_chunks) == 413);
  method = "GET";
  CHECK(answer_to(engine, 1'001, in_chunks) == 413);

  raw_client opener{world.port()};
  const auto target = polling + "&sid=" + open_session(opener);
  raw_client poster{world.port()};
  poster.send("POST " + target +
              " HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2ee\r\n" +
              std::string(750, 'x') + "\r\n2ef\r\n");
  CHECK(poster.read_response().status == 413);
  CHECK(opener.get(target).status == 400);
}

TEST_CASE("a HEAD that is refused is answered without a body") {
  const auto* refused =
      GENERATE("Content-Length: 1000001", "Content-Length: 2000000", "Host: y");
  server_world world;
  raw_client client{world.port()};
  client.send(std::string{"HEAD /none HTTP/1.1\r\nHost: x\r\n"} + refused + "\r\n\r\n");
  const auto answer = client.read_to_end();
  CHECK_THAT(answer, StartsWith("HTTP/1.1 4") && EndsWith("\r\n\r\n"));
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
