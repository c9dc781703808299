#include "net/websocket/websocket_handshake.hpp"
#include "tests/support/catch.hpp"

#include <algorithm>
#include <string>
#include <string_view>

namespace hubbub {
namespace {

using Catch::Matchers::Contains;

/// Returns the handshake of RFC 6455, section 1.3, as far as it concerns the server.
http_request sample_handshake() {
  http_request request;
  request.method = "GET";
  request.headers = {{"connection", "keep-alive, Upgrade"},
                     {"upgrade", "websocket"},
                     {"sec-websocket-version", "13"},
                     {"sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="}};
  return request;
}

http_request without(std::string_view name) {
  auto request = sample_handshake();
  std::erase_if(request.headers, [name](const auto& each) { return each.first == name; });
  return request;
}

http_request with(std::string name, std::string value) {
  auto request = without(name);
  request.headers.emplace_back(std::move(name), std::move(value));
  return request;
}

unsigned refusal_of_handshake(const http_request& request) {
  const auto answer = answer_handshake(request, true);
  return answer ? 0 : answer.error().status;
}

} // namespace

TEST_CASE("a handshake is answered with the proof of RFC 6455") {
  CHECK(accept_key("dGhlIHNhbXBsZSBub25jZQ==") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  CHECK(accept_key("x3JJHMbDL1EzLkh9GBhXDw==") == "HSmrc0sMlYUkAGmm5OPpG2HaGWk=");
  const auto answer = answer_handshake(sample_handshake(), true);
  REQUIRE(answer);
  CHECK(answer->head == "HTTP/1.1 101 Switching Protocols\r\n"
                        "Upgrade: websocket\r\n"
                        "Connection: Upgrade\r\n"
                        "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n");
  CHECK_FALSE(answer->deflates);
}

TEST_CASE("what is no handshake is refused") {
  auto posted = sample_handshake();
  posted.method = "POST";
  CHECK(refusal_of_handshake(posted) == 400);
  CHECK(refusal_of_handshake(without("connection")) == 400);
  CHECK(refusal_of_handshake(with("connection", "keep-alive")) == 400);
  CHECK(refusal_of_handshake(without("sec-websocket-key")) == 400);
  for (const auto* key : {"", "x", "dGhlIHNhbXBsZSBub25jZQ=!", "dGhlIHNhbXBsZSBub25j",
                          "dGhlIHNhbXBsZSBub25jZWVl"})
    CHECK(refusal_of_handshake(with("sec-websocket-key", key)) == 400);
  auto two_keys = sample_handshake();
  two_keys.headers.push_back(two_keys.headers.back());
  CHECK(refusal_of_handshake(two_keys) == 400);
  CHECK(refusal_of_handshake(with("connection", "UPGRADE")) == 0);
}

TEST_CASE("another version of WebSocket is told which one is understood") {
  for (const auto& request :
       {with("sec-websocket-version", "8"), without("sec-websocket-version")}) {
    const auto answer = answer_handshake(request, true);
    REQUIRE_FALSE(answer);
    CHECK(answer.error().status == 426);
    const auto& headers = answer.error().headers;
    CHECK(std::ranges::find(headers, std::pair<std::string, std::string>{
                                         "Sec-WebSocket-Version", "13"}) != headers.end());
  }
}

TEST_CASE("the answer names the subprotocol that the client wants most") {
  const auto answer =
      answer_handshake(with("sec-websocket-protocol", "chat.v2, chat.v1"), false);
  REQUIRE(answer);
  CHECK_THAT(answer->head, Contains("\r\nSec-WebSocket-Protocol: chat.v2\r\n"));
}

TEST_CASE("compression is agreed to if it is offered and allowed") {
  const auto offering = [](std::string offer) {
    return with("sec-websocket-extensions", std::move(offer));
  };
  const auto refused = answer_handshake(offering("permessage-deflate"), false);
  REQUIRE(refused);
  CHECK_FALSE(refused->deflates);
  CHECK_THAT(refused->head, !Contains("Extensions"));

  const std::string agreed = "\r\nSec-WebSocket-Extensions: permessage-deflate; "
                             "server_no_context_takeover; client_no_context_takeover";
  for (const auto& [offer, named] : std::initializer_list<std::pair<std::string, std::string>>{
           {"permessage-deflate", ""},
           {"permessage-deflate; client_max_window_bits", ""},
           {"permessage-deflate; client_max_window_bits=10", "; client_max_window_bits=10"},
           {"permessage-deflate; server_max_window_bits=15", "; server_max_window_bits=15"}}) {
    CAPTURE(offer);
    const auto answer = answer_handshake(offering(offer), true);
    REQUIRE(answer);
    CHECK(answer->deflates);
    CHECK_THAT(answer->head, Contains(agreed + named + "\r\n"));
  }
}

} // namespace hubbub
