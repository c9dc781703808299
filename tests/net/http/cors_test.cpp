#include "net/http/cors.hpp"
#include "tests/support/catch.hpp"

#include <string>
#include <string_view>

namespace hubbub {
namespace {

std::string value_of(const http_response& response, std::string_view name) {
  for (const auto& [n, value] : response.headers) {
    if (n == name) return value;
  }
  return "(none)";
}

http_response apply(std::string_view origins, std::string_view origin) {
  http_response response;
  cors_policy{origins}.apply(origin, response);
  return response;
}

constexpr auto allow = "Access-Control-Allow-Origin";

} // namespace

TEST_CASE("with a star every origin may read") {
  CHECK(value_of(apply("*", "https://a.example"), allow) == "*");
  CHECK(value_of(apply("*", ""), allow) == "*");
  CHECK(value_of(apply("*", "https://a.example"), "Vary") == "(none)");
}

TEST_CASE("with a list only its origins may read, and caches keep them apart") {
  const auto* list = "https://a.example, http://localhost:8080";
  CHECK(value_of(apply(list, "http://localhost:8080"), allow) == "http://localhost:8080");
  for (const auto* other :
       {"", "https://b.example", "https://a.example.evil", "null", "https://a"}) {
    CAPTURE(other);
    CHECK(value_of(apply(list, other), allow) == "(none)");
    CHECK(value_of(apply(list, other), "Vary") == "Origin");
  }
}

TEST_CASE("an empty list lets no other origin in") {
  CHECK(value_of(apply("", "https://a.example"), allow) == "(none)");
  CHECK(value_of(apply("", ""), allow) == "(none)");
}

TEST_CASE("whoever names no origin is let in, whoever names one must be listed") {
  CHECK(cors_policy{"*"}.admits("https://a.example"));
  const cors_policy list{"https://a.example"};
  CHECK(list.admits(""));
  CHECK(list.admits("https://a.example"));
  CHECK_FALSE(list.admits("https://b.example"));
  CHECK_FALSE(list.admits("null"));
}

TEST_CASE("a preflight allows the headers that it asks for") {
  http_request request;
  CHECK(cors_policy::preflight(request).status == 204);
  CHECK(value_of(cors_policy::preflight(request), "Access-Control-Allow-Headers") ==
        "Authorization, Content-Type");
  request.headers.emplace_back("access-control-request-headers", "x-custom");
  CHECK(value_of(cors_policy::preflight(request), "Access-Control-Allow-Headers") ==
        "x-custom");
}

} // namespace hubbub
