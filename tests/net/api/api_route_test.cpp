#include "net/api/api_route.hpp"
#include "net/http/http_target.hpp"
#include "tests/support/catch.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace hubbub {
namespace {

/// Returns the text for each `{…}` of the route that matches a request's target.
std::vector<std::string> parameters_of(std::string_view method, std::string_view target) {
  const auto parsed = parse_target(target);
  REQUIRE(parsed);
  const auto route = find_route(method, parsed->path);
  REQUIRE(route);
  return route->parameters;
}

using strings = std::vector<std::string>;

} // namespace

TEST_CASE("a path names a user whatever the user_id holds") {
  CHECK(parameters_of("PUT", "/api/rooms/3/bans/trail") == strings{"3", "trail"});
  CHECK(parameters_of("PUT", "/api/rooms/3/bans/trail/") == strings{"3", "trail"});
  CHECK(parameters_of("PUT", "/api/rooms/3/bans/trail%2F") == strings{"3", "trail/"});
  CHECK(parameters_of("PUT", "/api/rooms/3/bans/trail%2f/") == strings{"3", "trail/"});
  CHECK(parameters_of("PUT", "/api/rooms/3/bans/trail%252F") == strings{"3", "trail%2F"});
  CHECK(parameters_of("DELETE", "/api/rooms/3/mutes/%2Fhead") == strings{"3", "/head"});
  CHECK(parameters_of("DELETE", "/api/rooms/3/mutes/https%3A%2F%2Fissuer.example%2Fu%2F42") ==
        strings{"3", "https://issuer.example/u/42"});
  CHECK(parameters_of("PUT", "/api/rooms/3/roster/a+b%20%3F%23%25") == strings{"3", "a+b ?#%"});
}

TEST_CASE("a slash that was escaped leads to no other route") {
  for (const auto* target : {"/api%2Frooms", "/api/rooms%2F3", "/api/rooms/3%2Fbans/eve",
                             "/healthz%2F", "/messages%2F"}) {
    CAPTURE(target);
    const auto parsed = parse_target(target);
    REQUIRE(parsed);
    for (const auto* method : {"GET", "POST", "PUT"}) {
      const auto route = find_route(method, parsed->path);
      if (route) CHECK(route->parameters == strings{"3/bans"});
      if (!route) CHECK(route.error().allow.empty());
    }
  }
}

} // namespace hubbub
