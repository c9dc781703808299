#include "net/manual/nearest_name.hpp"
#include "tests/support/catch.hpp"

namespace hubbub {
namespace {

const std::vector<std::string> names{"--port", "--db", "--host", "--durability"};

std::string meant_by(std::string_view word) {
  return did_you_mean(word, names);
}

TEST_CASE("a letter left out, added, mistaken or swapped is forgiven") {
  for (const auto* word : {"--prot", "--por", "--portt", "--pirt"})
    CHECK(meant_by(word) == "; did you mean --port?");
  CHECK(meant_by("--durabilty") == "; did you mean --durability?");
  CHECK(meant_by("--duratibily") == "; did you mean --durability?");
}

TEST_CASE("the nearest of several names is the one that is offered") {
  CHECK(meant_by("--hort") == "; did you mean --port?"); // as far from --host, which is later
  CHECK(meant_by("--hos") == "; did you mean --host?");
}

TEST_CASE("another word is not taken for a mistyped one") {
  CHECK(meant_by("--colour").empty());
  CHECK(meant_by("").empty());
  CHECK(meant_by("--" + std::string(1'000, 'p')).empty());
}

} // namespace
} // namespace hubbub
