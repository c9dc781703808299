#include "net/settings_comparison.hpp"
#include "tests/support/catch.hpp"

namespace hubbub::test {
namespace {

TEST_CASE("settings with other values are told, with both") {
  const auto found = differences("a=1\nb=x=y\nc=\n", "c=3\nb=x=z\na=1\n");
  REQUIRE(found.size() == 2);
  CHECK(found[0].name == "b");
  CHECK(found[0].here == "x=y");
  CHECK(found[0].there == "x=z");
  CHECK(found[1].name == "c");
  CHECK(found[1].here.empty());
  CHECK(found[1].there == "3");
}

TEST_CASE("a setting that only one node names is no difference") {
  CHECK(differences("a=1\nb=2\n", "a=1\nd=4").empty());
  CHECK(differences("", "a=1\n").empty());
  CHECK(differences("a=1\n", "").empty());
  CHECK(differences("a=1\nnothing\n", "nothing\n\na=1").empty());
}

} // namespace
} // namespace hubbub::test
