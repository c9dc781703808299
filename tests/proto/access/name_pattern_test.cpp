#include "proto/access/name_pattern.hpp"
#include "tests/support/catch.hpp"

using namespace hubbub;

TEST_CASE("a star stands for any run of characters and everything else for itself") {
  CHECK(matches_pattern("*", ""));
  CHECK(matches_pattern("*", "tea"));
  CHECK(matches_pattern("team-*", "team-"));
  CHECK(matches_pattern("team-*", "team-red"));
  CHECK(matches_pattern("*-log", "a-log-log"));
  CHECK(matches_pattern("a*b*c", "a--b--b--c"));
  CHECK(matches_pattern("", ""));
  CHECK(matches_pattern("[a]?", "[a]?"));
  CHECK_FALSE(matches_pattern("", "tea"));
  CHECK_FALSE(matches_pattern("tea", "teas"));
  CHECK_FALSE(matches_pattern("team-*", "Team-red"));
  CHECK_FALSE(matches_pattern("a*b*c", "a--c--b"));
  CHECK_FALSE(matches_pattern("te?", "tea"));
}
