#include "net/api/api_call.hpp"
#include "tests/net/api/api_world.hpp"
#include "tests/net/compression/inflate.hpp"
#include "tests/support/catch.hpp"

#include <optional>
#include <string>
#include <utility>

namespace hubbub::test {
namespace {

/// Returns the answer of a call whose client sent this `Accept-Encoding`.
http_response answer_of(std::string body, std::string accepted) {
  http_request request;
  request.method = "GET";
  request.path = "/api/rooms";
  if (!accepted.empty()) request.headers.emplace_back("accept-encoding", std::move(accepted));
  std::optional<http_response> answer;
  api_call call{std::move(request),
                [&answer](http_response response) { answer = std::move(response); }};
  call.answer_json(200, std::move(body));
  REQUIRE(answer);
  return *std::move(answer);
}

} // namespace

TEST_CASE("an answer above a kilobyte is compressed for whoever asks for gzip") {
  const std::string body(1'025, 'x');
  const auto compressed = answer_of(body, "gzip, br");
  CHECK(header_of(compressed, "Content-Encoding") == "gzip");
  CHECK(header_of(compressed, "Vary") == "Accept-Encoding");
  CHECK(compressed.body.size() < 100);
  CHECK(gunzip(compressed.body) == body);

  for (const auto* other : {"", "br", "gzip;q=0", "identity"}) {
    const auto plain = answer_of(body, other);
    CHECK(plain.body == body);
    CHECK(header_of(plain, "Content-Encoding").empty());
    CHECK(header_of(plain, "Vary") == "Accept-Encoding");
  }
}

TEST_CASE("an answer of a kilobyte is sent as it is") {
  const std::string body(1'024, 'x');
  const auto answer = answer_of(body, "gzip");
  CHECK(answer.body == body);
  CHECK(header_of(answer, "Content-Encoding").empty());
  CHECK(header_of(answer, "Vary").empty());
}

} // namespace hubbub::test
