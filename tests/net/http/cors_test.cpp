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
constexpr auto credentials = "Access-Control-Allow-Credentials";

/// True if a page of `origin` is admitted when `listed` is configured.
bool admits(std::string_view listed, std::string_view origin) {
  REQUIRE(parse_origin(listed));
  return cors_policy{listed}.admits(origin);
}

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

TEST_CASE("pages of listed origins may send credentials, and no others") {
  const auto* list = "https://a.example,null,https://*.b.example";
  for (const auto* listed : {"https://a.example", "null", "https://x.b.example"}) {
    CHECK(value_of(apply(list, listed), allow) == listed);
    CHECK(value_of(apply(list, listed), credentials) == "true");
  }
  for (const auto* other : {"", "https://b.example", "https://evil.example"})
    CHECK(value_of(apply(list, other), credentials) == "(none)");
}

TEST_CASE("with a star no page may send credentials unless that was said") {
  CHECK(value_of(apply("*", "https://a.example"), credentials) == "(none)");
  http_response named;
  const cors_policy open{"*", true};
  open.apply("https://a.example", named);
  CHECK(value_of(named, allow) == "https://a.example");
  CHECK(value_of(named, credentials) == "true");
  CHECK(value_of(named, "Vary") == "Origin");
  http_response unnamed;
  open.apply("", unnamed);
  CHECK(value_of(unnamed, credentials) == "(none)");
  CHECK(value_of(unnamed, "Vary") == "Origin");
  CHECK(open.admits("https://a.example"));
}

TEST_CASE("origins are compared as browsers write them") {
  CHECK(admits("https://Chat.Example", "https://chat.example"));
  CHECK(admits("HTTPS://shop.example:443", "https://shop.example"));
  CHECK(admits("http://shop.example:0080", "http://shop.example"));
  CHECK(admits("https://shop.example:80", "https://shop.example:80"));
  CHECK(admits("http://shop.example:443", "http://shop.example:443"));
  CHECK_FALSE(admits("https://shop.example:444", "https://shop.example"));
  CHECK_FALSE(admits("https://shop.example", "http://shop.example"));
  CHECK(admits("http://[0:0::1]:3000", "http://[::1]:3000"));
  CHECK(admits("http://127.0.0.1:3000", "http://127.0.0.1:3000"));
  CHECK(admits("capacitor://localhost", "capacitor://localhost"));
  CHECK(admits("NULL", "null"));
  CHECK_FALSE(admits("https://a.example", "null"));
}

TEST_CASE("a star stands for every name below another") {
  const auto* below = "https://*.Example.com:8443";
  CHECK(admits(below, "https://a.example.com:8443"));
  CHECK(admits(below, "https://a.b-c.example.com:8443"));
  for (const auto* other :
       {"https://example.com:8443", "https://.example.com:8443", "https://a.example.com",
        "http://a.example.com:8443", "https://evilexample.com:8443",
        "https://a.example.com.evil", "https://evil:1@a.example.com:8443",
        "https://evil/.example.com:8443", "null"}) {
    CAPTURE(other);
    CHECK_FALSE(admits(below, other));
  }
}

TEST_CASE("what no browser sends is no origin") {
  for (const auto* text : {"",
                           "*",
                           "chat.example",
                           "https://",
                           "https://a/",
                           "https://a/b",
                           "https://u@a",
                           "https://a b",
                           "https://a:",
                           "https://a:x",
                           "https://a:65536",
                           "https://a:-1",
                           "https://*",
                           "https://*.",
                           "https://a.*.example",
                           "https://*a.example",
                           "://a",
                           "1://a",
                           "https://b\xc3\xbc"
                           "cher.example",
                           "https://[::1",
                           "https://[::1]x",
                           "https://[fe80::1%1]"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_origin(text));
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
