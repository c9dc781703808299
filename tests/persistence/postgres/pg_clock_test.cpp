// The clocks of nodes on one PostgreSQL may differ: what is stored and removed goes by
// PostgreSQL's.
#include "persistence/system_time.hpp"
#include "tests/persistence/postgres/pg_node.hpp"
#include "tests/persistence/store_fixture.hpp"

#include <cstdint>
#include <cstdlib>
#include <tuple>
#include <variant>

using namespace hubbub;
using namespace hubbub::test;

namespace {

constexpr std::int64_t minute_ms = 60'000;

timestamp in_minutes(std::int64_t minutes) {
  return timestamp{system_time().value + minutes * minute_ms};
}

bool is_about_now(timestamp at) {
  return std::abs(at.value - system_time().value) < minute_ms;
}

} // namespace

TEST_CASE(
    "postgres: nothing expires for a node whose clock is ahead, or lives on for one behind") {
  const postgres_backend backend;
  opened one{node(backend, 1)};
  opened two{node(backend, 2)};
  const auto minutes = GENERATE(5, -5);
  const auto elsewhere = [minutes] { return in_minutes(minutes); };
  const auto room = one.create("tea", in_minutes(0));
  const auto sent = one.append(say(room, "ann", "one", "c1"), in_minutes(0)).stored;
  std::ignore = one.write(entering(room, 7), in_minutes(0));
  std::ignore = one.write(op::end_recoverable{recovery_id{7}}, in_minutes(0));
  std::ignore = one.write(
      op::set_standing{room, standing_kind::ban, "bob", "ann", in_minutes(4)}, in_minutes(0));
  SECTION("messages have one time") {
    const auto here = two.append(say(room, "ann", "two"), elsewhere()).stored;
    CHECK(is_about_now(sent.created_at));
    CHECK(is_about_now(here.created_at));
  }
  SECTION("a client_id is remembered") {
    CHECK(two.append(say(room, "ann", "one", "c1"), elsewhere()).repeated);
    std::ignore = two.append(say(room, "ann", "two", "c2"), elsewhere());
    CHECK(one.append(say(room, "ann", "two", "c2"), in_minutes(0)).repeated);
  }
  SECTION("a session has just ended") {
    const auto session = *two.reader().find_recoverable(recovery_id{7});
    REQUIRE(session);
    CHECK(std::abs(session->ended_before_ms(elsewhere())) < minute_ms);
    CHECK(std::abs(session->ended_before_ms(in_minutes(0))) < minute_ms);
  }
  SECTION("so has one that ended there") {
    std::ignore = two.write(entering(room, 8), elsewhere());
    std::ignore = two.write(op::end_recoverable{recovery_id{8}}, elsewhere());
    const auto session = *one.reader().find_recoverable(recovery_id{8});
    REQUIRE(session);
    CHECK(is_about_now(*session->ended_at));
  }
  SECTION("what is not over is not removed") {
    while (two.writer().purge(elsewhere())) {
    }
    CHECK(one.reader().read_standings(room)->size() == 1);
    CHECK(one.reader().find_recoverable(recovery_id{7})->has_value());
    CHECK(one.append(say(room, "ann", "one", "c1"), in_minutes(0)).repeated);
  }
  SECTION("what is over is removed") {
    run_sql(backend.config().path, "UPDATE standings SET until = until - 300000;"
                                   "UPDATE recoverable SET ended_at = ended_at - 180000");
    while (two.writer().purge(elsewhere())) {
    }
    CHECK(one.reader().read_standings(room)->empty());
    CHECK_FALSE(one.reader().find_recoverable(recovery_id{7})->has_value());
  }
  SECTION("a clock that is set matters to nobody") {
    std::ignore = two.append(say(room, "ann", "two"), elsewhere());
    const auto set = two.append(say(room, "ann", "three"), in_minutes(-2 * minutes)).stored;
    CHECK(is_about_now(set.created_at));
  }
}
