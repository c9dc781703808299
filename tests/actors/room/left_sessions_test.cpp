#include "actors/room/left_sessions.hpp"
#include "tests/support/catch.hpp"

namespace hubbub::test {
namespace {

constexpr recovery_id left_first{1};
constexpr recovery_id left_second{2};

TEST_CASE("the store is told of a left session until it knows") {
  left_sessions left;
  CHECK(left.empty());
  left.add(left_first);
  left.begin_telling();
  CHECK(left.to_tell().empty());
  left.end_telling(left_first, false);
  CHECK(left.to_tell() == std::vector{left_first});
  left.begin_telling();
  left.end_telling(left_first, true);
  CHECK(left.empty());
  CHECK(left.to_tell().empty());
}

TEST_CASE("nothing is told again while something is on its way to the store") {
  left_sessions left;
  left.add(left_first);
  left.add(left_second);
  left.begin_telling();
  left.begin_telling();
  left.end_telling(left_first, false);
  CHECK(left.to_tell().empty());
  left.end_telling(left_second, false);
  CHECK(left.to_tell().size() == 2);
}

TEST_CASE("a session that comes in again is not told to have left") {
  left_sessions left;
  left.add(left_first);
  CHECK(left.contains(left_first));
  left.drop(left_first);
  CHECK_FALSE(left.contains(left_first));
  CHECK(left.to_tell().empty());
}

TEST_CASE("left sessions have a bound past which nobody enters") {
  left_sessions left;
  for (std::size_t i = 0; i < left_sessions::max; ++i) {
    CHECK_FALSE(left.is_full());
    left.add(recovery_id{static_cast<std::int64_t>(i)});
  }
  CHECK(left.is_full());
}

} // namespace
} // namespace hubbub::test
