#include "actors/store/store_health.hpp"
#include "tests/support/catch.hpp"

#include <vector>

namespace hubbub::test {
namespace {

using namespace std::chrono_literals;
using enum store_change;

struct watched_health {
  std::vector<store_news> told;
  store_health health{[this](const store_news& news) { told.push_back(news); }};
  store_health::time_point now{std::chrono::hours{1}};
};

TEST_CASE("a store's health tells of the first failure and of the success after it") {
  watched_health w;
  w.health.on_success(w.now);
  CHECK(w.told.empty());
  for (int i = 0; i < 3; ++i)
    w.health.on_failure(store_error::full, w.now += 1s);
  REQUIRE(w.told.size() == 1);
  CHECK(w.told[0].what == failed);
  CHECK(w.told[0].why == store_error::full);
  CHECK_FALSE(w.told[0].was_unready);
  CHECK_FALSE(w.health.is_healthy(w.now));
  w.health.on_success(w.now += 1s);
  REQUIRE(w.told.size() == 2);
  CHECK(w.told[1].what == well);
  CHECK(w.told[1].why == store_error::full);
  CHECK(w.told[1].failed == 3);
  CHECK(w.told[1].lasted == 3s);
  CHECK(w.told[1].was_unready);
  CHECK(w.health.is_healthy(w.now));
}

TEST_CASE("another reason for a store's failure is told") {
  watched_health w;
  w.health.on_failure(store_error::full, w.now);
  w.health.on_failure(store_error::io, w.now += 1s);
  REQUIRE(w.told.size() == 2);
  CHECK(w.told[1].why == store_error::io);
  CHECK(w.told[1].was_unready);
}

TEST_CASE("a store that nobody writes to counts as ready again after a while") {
  watched_health w;
  w.health.on_failure(store_error::io, w.now);
  CHECK(w.health.wants_time(w.now));
  CHECK_FALSE(w.health.wants_time(w.now)); // one wait at a time
  w.health.on_failure(store_error::io, w.now += 4s);
  w.health.on_time(w.now += 6s); // too early for the later failure
  CHECK(w.told.size() == 1);
  CHECK(w.health.wants_time(w.now));
  w.health.on_time(w.now += 10s);
  REQUIRE(w.told.size() == 2);
  CHECK(w.told[1].what == untried);
  CHECK(w.health.is_healthy(w.now));
  CHECK_FALSE(w.health.wants_time(w.now));

  SECTION("until it fails again") {
    w.health.on_failure(store_error::io, w.now += 1s);
    REQUIRE(w.told.size() == 3);
    CHECK(w.told[2].what == failed);
    CHECK(w.told[2].failed == 3);
    CHECK_FALSE(w.told[2].was_unready);
    CHECK(w.health.wants_time(w.now));
  }
  SECTION("and is well once it works") {
    w.health.on_success(w.now += 1s);
    REQUIRE(w.told.size() == 3);
    CHECK(w.told[2].what == well);
    CHECK_FALSE(w.told[2].was_unready);
  }
}

TEST_CASE("a commit that took long is told each time, and changes nothing else") {
  watched_health w;
  w.health.on_commit(999ms);
  CHECK(w.told.empty());
  w.health.on_commit(1s);
  w.health.on_commit(2'500ms);
  REQUIRE(w.told.size() == 2);
  CHECK(w.told[0].what == slow);
  CHECK(w.told[1].lasted == 2'500ms);
  CHECK(w.health.is_healthy(w.now));
}

TEST_CASE("damage of a store is told once and lasts") {
  watched_health w;
  w.health.on_failure(store_error::corrupt, w.now);
  w.health.on_damage(w.now);
  w.health.on_failure(store_error::corrupt, w.now);
  w.health.on_success(w.now += 60s);
  REQUIRE(w.told.size() == 1);
  CHECK(w.told[0].what == damaged);
  CHECK_FALSE(w.health.is_healthy(w.now));
}

} // namespace
} // namespace hubbub::test
