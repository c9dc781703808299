#include "net/http/http_head.hpp"
#include "tests/support/catch.hpp"

namespace hubbub {

using Catch::Matchers::Contains;
using Catch::Matchers::EndsWith;
using Catch::Matchers::StartsWith;

TEST_CASE("a response's head names status, type, length and what was added") {
  const http_response response{201, "text/plain", "hello", {{"Location", "/x"}}};
  const auto head = response_head(response, http_version::v1_1, true);
  CHECK_THAT(head, StartsWith("HTTP/1.1 201 Created\r\nDate: "));
  CHECK_THAT(head, Contains("\r\nContent-Length: 5\r\nContent-Type: text/plain\r\n"));
  CHECK_THAT(head, EndsWith("\r\nLocation: /x\r\n\r\n"));
  CHECK_THAT(head, !Contains("Connection:"));
}

TEST_CASE("nothing is kept by caches or guessed at, unless the answer says so") {
  http_response response;
  CHECK_THAT(response_head(response, http_version::v1_1, true),
             Contains("\r\nCache-Control: no-store\r\n") &&
                 Contains("\r\nX-Content-Type-Options: nosniff\r\n"));
  response.headers = {{"Cache-Control", "no-cache"}, {"X-Content-Type-Options", "nosniff"}};
  const auto head = response_head(response, http_version::v1_1, true);
  CHECK_THAT(head, Contains("\r\nCache-Control: no-cache\r\n") && !Contains("no-store"));
  CHECK(head.find("nosniff") == head.rfind("nosniff"));
}

TEST_CASE("each HTTP version says what is not its default") {
  const http_response response;
  CHECK_THAT(response_head(response, http_version::v1_1, false),
             Contains("Connection: close\r\n"));
  CHECK_THAT(response_head(response, http_version::v1_0, true),
             StartsWith("HTTP/1.0 200 OK") && Contains("Connection: keep-alive\r\n"));
  CHECK_THAT(response_head(response, http_version::v1_0, false),
             Contains("Connection: close\r\n"));
}

TEST_CASE("what has no body has no length") {
  for (const auto status : {204U, 304U}) {
    const http_response response{status, "text/plain", "", {}};
    CHECK_FALSE(may_have_body(status));
    CHECK_THAT(response_head(response, http_version::v1_1, true), !Contains("Content-"));
  }
  CHECK(may_have_body(200));
}

} // namespace hubbub
