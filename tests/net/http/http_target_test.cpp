#include "net/http/http_target.hpp"
#include "tests/support/catch.hpp"

#include <string>

namespace hubbub {

TEST_CASE("a target is split into its path and its decoded parameters") {
  const auto target = parse_target("/a%20b/c+d?x=1&y=a+b%26c&empty=&bare&&x=2");
  REQUIRE(target);
  CHECK(target->path == "/a b/c+d");
  CHECK(target->query ==
        query_params{{"x", "1"}, {"y", "a b&c"}, {"empty", ""}, {"bare", ""}, {"x", "2"}});
  CHECK(find_param(target->query, "x") == "1");
  CHECK(find_param(target->query, "z").empty());
}

TEST_CASE("a slash that was escaped separates nothing") {
  CHECK(parse_target("/bans/https%3A%2F%2fissuer.example%2Fu%2F42/")->path ==
        "/bans/https:%2F%2Fissuer.example%2Fu%2F42/");
  CHECK(segment_text("https:%2F%2Fissuer.example%2Fu%2F42") == "https://issuer.example/u/42");
  CHECK(parse_target("/bans/trail%2F")->path == "/bans/trail%2F");
  CHECK(segment_text("trail%2F") == "trail/");
  CHECK(parse_target("/%2F")->path == "/%2F");
}

TEST_CASE("a percent sign that was escaped escapes nothing") {
  CHECK(parse_target("/bans/trail%252F")->path == "/bans/trail%252F");
  CHECK(segment_text("trail%252F") == "trail%2F");
  CHECK(segment_text("100%25") == "100%");
  CHECK(segment_text("100%") == "100%");
}

TEST_CASE("an ampersand and an equals sign that were escaped separate nothing") {
  CHECK(parse_target("/?a%26b=c%3Dd%26e=f")->query == query_params{{"a&b", "c=d&e=f"}});
}

TEST_CASE("a target without a query has none") {
  CHECK(parse_target("/")->query.empty());
  CHECK(parse_target("/?")->query.empty());
  CHECK(parse_target("/x#part?a=1")->query.empty());
}

TEST_CASE("a value may hold an equals sign and a question mark") {
  const auto target = parse_target("/?a=b=c?d");
  REQUIRE(target);
  CHECK(target->query == query_params{{"a", "b=c?d"}});
}

TEST_CASE("the absolute form stands for its path") {
  CHECK(parse_target("http://host:80/x?y=1")->path == "/x");
  CHECK(parse_target("http://host")->path == "/");
  const auto bare = parse_target("http://host?y=1");
  REQUIRE(bare);
  CHECK(bare->path == "/");
  CHECK(find_param(bare->query, "y") == "1");
}

TEST_CASE("the asterisk of OPTIONS is a path") {
  CHECK(parse_target("*")->path == "*");
}

TEST_CASE("a value that cannot be decoded is marked, and the others are read") {
  const auto* bad = GENERATE("100%", "%", "%4", "%zz", "%4g", "%00", "Jos%E9", "%ed%a0%80");
  CAPTURE(bad);
  const auto target = parse_target("/a?x=1&b=" + std::string{bad} + "&y=a%20b");
  REQUIRE(target);
  CHECK(target->query == query_params{{"x", "1"}, {"b", bad, false}, {"y", "a b"}});
  CHECK(find_param(target->query, "b") == bad);
}

TEST_CASE("a parameter whose name cannot be decoded is left out") {
  const auto target = parse_target("/a?100%=b&%ff&y=1");
  REQUIRE(target);
  CHECK(target->query == query_params{{"y", "1"}});
}

TEST_CASE("a path that is not properly encoded is refused") {
  const auto* bad =
      GENERATE("/%", "/%4", "/%zz", "/%4g", "/%00", "/%ff", "/%c0%af", "relative", "a/b");
  CAPTURE(bad);
  CHECK_FALSE(parse_target(bad));
}

} // namespace hubbub
