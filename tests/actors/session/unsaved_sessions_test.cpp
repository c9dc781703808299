#include "actors/session/unsaved_sessions.hpp"
#include "tests/support/catch.hpp"

#include <cstddef>
#include <cstdint>
#include <utility>
#include <variant>
#include <vector>

namespace hubbub::test {
namespace {

using next_step = unsaved_sessions::next_step;

constexpr recovery_id one{1};
constexpr recovery_id other{2};

bool all(recovery_id) {
  return true;
}

op::end_recoverable end_in(const unsaved_sessions::note& note) {
  REQUIRE(std::holds_alternative<op::end_recoverable>(note));
  return std::get<op::end_recoverable>(note);
}

TEST_CASE("only an end that forgets its session forbids to recover it") {
  unsaved_sessions ends;
  ends.add(op::end_recoverable{one});
  ends.add(op::end_recoverable{other, true});
  CHECK_FALSE(ends.forbid(one, {}));
  CHECK(ends.forbid(other, {}));
  CHECK(ends.forbid(other, timestamp{7}));
  CHECK_FALSE(ends.forbid(recovery_id{3}, {}));
  // What is told of it later takes nothing back.
  ends.add(op::end_recoverable{other, false});
  ends.on_stored(op::end_recoverable{other, false});
  CHECK(ends.forbid(other, timestamp{7}));
  ends.on_stored(op::end_recoverable{other, true});
  CHECK_FALSE(ends.forbid(other, {}));
  ends.on_stored(op::end_recoverable{one, false});
  CHECK(ends.empty());
}

TEST_CASE("what is remembered of unsaved ends is bounded") {
  unsaved_sessions ends{2};
  ends.add(op::end_recoverable{one});
  ends.add(op::end_recoverable{other});
  ends.add(op::end_recoverable{recovery_id{3}});
  CHECK(ends.ends() == 2);
  CHECK_FALSE(ends.forbid(recovery_id{3}, {}));
  // One that was to be forgotten is open for the store, like any that was lost here.
  ends.add(op::end_recoverable{recovery_id{4}, true});
  CHECK(ends.ends() == 2);
  CHECK(ends.forbid(recovery_id{4}, {}));
  CHECK(ends.forbid(recovery_id{3}, {}));
  CHECK_FALSE(ends.forbid(recovery_id{5}, timestamp{7}));
  CHECK_FALSE(ends.forbid(one, {}));
}

TEST_CASE("unsaved ends are told in rounds, which begin with a pause if the store failed") {
  unsaved_sessions ends;
  CHECK_FALSE(ends.begin_round());
  for (std::int64_t i = 0; i <= std::int64_t{unsaved_sessions::at_once}; ++i)
    ends.add(op::end_recoverable{recovery_id{i}});
  REQUIRE(ends.begin_round());
  CHECK_FALSE(ends.begin_round());
  auto round = ends.take_round(all);
  REQUIRE(round.size() == unsaved_sessions::at_once);
  for (std::size_t i = 0; i + 1 < round.size(); ++i)
    CHECK(ends.on_told(round[i], true) == next_step::wait);
  CHECK(ends.on_told(round.back(), false) == next_step::begin_new);
  CHECK(ends.ends() == 2);
  REQUIRE(ends.begin_round());
  // The other one is busy.
  round = ends.take_round(
      [&](recovery_id session) { return session == end_in(round.back()).session; });
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
  unsaved_sessions ends;
  ends.add(op::end_recoverable{one});
  ends.add(op::end_recoverable{other});
  ends.drop_end(one);
  REQUIRE(ends.begin_round());
  const auto round = ends.take_round(all);
  REQUIRE(round.size() == 1);
  CHECK(end_in(round[0]).session == other);
}

op::owe_gaps owing(recovery_id session, std::vector<owed_gap> gaps) {
  return {session, {}, "sid", std::move(gaps)};
}

TEST_CASE("gaps that could not be stored are told before the ends, and owed until then") {
  constexpr owed_gap tea{room_id{7}, sequence{3}};
  constexpr owed_gap cake{room_id{8}, sequence{1}};
  unsaved_sessions unsaved;
  unsaved.add(op::end_recoverable{one});
  unsaved.add(owing(one, {tea, cake}));
  std::vector<owed_gap> owed{{tea.room, sequence{5}}};
  unsaved.add_owed(other, owed);
  CHECK(owed.size() == 1);
  unsaved.add_owed(one, owed); // what is known of a room counts
  CHECK(owed == std::vector{owed_gap{tea.room, sequence{5}}, cake});
  REQUIRE(unsaved.begin_round());
  const auto round = unsaved.take_round(all);
  REQUIRE(round.size() == 2);
  REQUIRE(std::holds_alternative<op::owe_gaps>(round[0]));
  CHECK(unsaved.on_told(round[0], true) == next_step::wait);
  owed.clear();
  unsaved.add_owed(one, owed);
  CHECK(owed.empty());
  CHECK(end_in(round[1]).session == one);
  CHECK(unsaved.on_told(round[1], false) == next_step::begin_new);
  CHECK_FALSE(unsaved.empty());
}

TEST_CASE("a session that is forgotten is owed no gaps") {
  unsaved_sessions unsaved;
  const bool is_stored = GENERATE(true, false);
  unsaved.add(owing(one, {{room_id{7}, sequence{3}}}));
  if (is_stored)
    unsaved.on_stored(op::end_recoverable{one, true});
  else
    unsaved.add(op::end_recoverable{one, true});
  CHECK(unsaved.empty() == is_stored);
  std::vector<owed_gap> owed;
  unsaved.add_owed(one, owed);
  CHECK(owed.empty());
}

TEST_CASE("the gaps that are remembered are bounded") {
  const std::vector<owed_gap> two{{room_id{7}, sequence{3}}, {room_id{8}, sequence{1}}};
  unsaved_sessions unsaved{3};
  unsaved.add(owing(one, two));
  unsaved.add(owing(other, two));
  std::vector<owed_gap> owed;
  unsaved.add_owed(other, owed);
  CHECK(owed.empty());
  unsaved.on_stored(owing(one, two));
  unsaved.add(owing(other, two));
  unsaved.add_owed(other, owed);
  CHECK(owed == two);
}

} // namespace
} // namespace hubbub::test
