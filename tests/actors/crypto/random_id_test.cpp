// Ids of sessions and the like.
#include "actors/crypto/random_id.hpp"
#include "tests/support/catch.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <set>
#include <string>

namespace hubbub {
namespace {

TEST_CASE("no random id is given out twice") {
  std::set<std::string> ids;
  for (int i = 0; i < 1000; ++i) {
    const auto id = random_id();
    CHECK(id.size() == 32);
    CHECK(id.find_first_not_of("0123456789abcdef") == std::string::npos);
    CHECK(ids.insert(id).second);
  }
}

TEST_CASE("a process and its fork give out different ids") {
  (void)random_id(); // others are in store now
  std::array<int, 2> ends{};
  REQUIRE(pipe(ends.data()) == 0);
  const auto child = fork();
  if (child == 0) {
    const auto id = random_id();
    _exit(write(ends[1], id.data(), id.size()) == std::ssize(id) ? 0 : 1);
  }
  REQUIRE(child > 0);
  std::string theirs(32, '\0');
  CHECK(read(ends[0], theirs.data(), theirs.size()) == std::ssize(theirs));
  int status = 0;
  CHECK(waitpid(child, &status, 0) == child);
  CHECK(status == 0);
  CHECK(theirs != random_id());
  close(ends[0]);
  close(ends[1]);
}

} // namespace
} // namespace hubbub
