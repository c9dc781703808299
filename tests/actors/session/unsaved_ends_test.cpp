#include "actors/session/unsaved_ends.hpp"
#include "tests/support/catch.hpp"

#include <cstddef>
#include <cstdint>

namespace hubbub::test {
namespace {

using next_step = unsaved_ends::next_step;

constexpr recovery_id one{1};
constexpr recovery_id other{2};

bool all(recovery_id) {
  return true;
}

TEST_CASE("only an end that forgets its session forbids to recover it") {
  unsaved_ends ends;
  ends.add({one});
  ends.add({other, true});
  CHECK_FALSE(ends.forbid(one, {}));
  CHECK(ends.forbid(other, {}));
  CHECK(ends.forbid(other, timestamp{7}));
  CHECK_FALSE(ends.forbid(recovery_id{3}, {}));
  // What is told of it later takes nothing back.
  ends.add({other, false});
  ends.on_stored({other, false});
  CHECK(ends.forbid(other, timestamp{7}));
  ends.on_stored({other, true});
  CHECK_FALSE(ends.forbid(other, {}));
  ends.on_stored({one, false});
  CHECK(ends.empty());
}

TEST_CASE("what is remembered of unsaved ends is bounded") {
  unsaved_ends ends{2};
  ends.add({one});
  ends.add({other});
  ends.add({recovery_id{3}});
  CHECK(ends.size() == 2);
  CHECK_FALSE(ends.forbid(recovery_id{3}, {}));
  // One that was to be forgotten is open for the store, like any that was lost here.
  ends.add({recovery_id{4}, true});
  CHECK(ends.size() == 2);
  CHECK(ends.forbid(recovery_id{4}, {}));
  CHECK(ends.forbid(recovery_id{3}, {}));
  CHECK_FALSE(ends.forbid(recovery_id{5}, timestamp{7}));
  CHECK_FALSE(ends.forbid(one, {}));
}

TEST_CASE("unsaved ends are told in rounds, which begin with a pause if the store failed") {
  unsaved_ends ends;
  CHECK_FALSE(ends.begin_round());
  for (std::int64_t i = 0; i <= std::int64_t{unsaved_ends::at_once}; ++i)
    ends.add({recovery_id{i}});
  REQUIRE(ends.begin_round());
  CHECK_FALSE(ends.begin_round());
  auto round = ends.take_round(all);
  REQUIRE(round.size() == unsaved_ends::at_once);
  for (std::size_t i = 0; i + 1 < round.size(); ++i)
    CHECK(ends.on_told(round[i], true) == next_step::wait);
  CHECK(ends.on_told(round.back(), false) == next_step::begin_new);
  CHECK(ends.size() == 2);
  REQUIRE(ends.begin_round());
  // The other one is busy.
  round = ends.take_round([&](recovery_id session) { return session == round.back().session; });
  REQUIRE(round.size() == 1);
  CHECK(ends.on_told(round[0], true) == next_step::go_on);
  CHECK_FALSE(ends.begin_round());
  CHECK(ends.take_round([](recovery_id) { return false; }).empty());
  REQUIRE(ends.begin_round());
  round = ends.take_round(all);
  REQUIRE(round.size() == 1);
  CHECK(ends.on_told(round[0], true) == next_step::begin_new);
  CHECK(ends.empty());
  CHECK_FALSE(ends.begin_round());
}

TEST_CASE("the end of a session that lives again is not told") {
  unsaved_ends ends;
  ends.add({one});
  ends.add({other});
  ends.drop(one);
  REQUIRE(ends.begin_round());
  const auto round = ends.take_round(all);
  REQUIRE(round.size() == 1);
  CHECK(round[0].session == other);
}

} // namespace
} // namespace hubbub::test
