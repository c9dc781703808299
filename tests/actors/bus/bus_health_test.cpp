#include "actors/bus/bus_health.hpp"
#include "tests/support/catch.hpp"

#include <string>
#include <vector>

namespace hubbub::test {
namespace {

using namespace std::chrono_literals;

/// The health of a bus, and what is said about it, at a time that the test moves.
struct watched_bus {
  bus_health::time_point now{1h};
  std::vector<std::string> said;
  bus_health health{now, [this](const bus_change& change) {
                      said.push_back(change.is_heard ? "heard after " +
                                                           std::to_string(change.lasted.count())
                                                     : "lost: " + change.why);
                    }};

  void connect() {
    REQUIRE(health.wants_connection(now));
    health.on_connected(now);
  }
  void hear_beat() {
    const auto beat = health.take_due_beat(now);
    REQUIRE(beat);
    health.on_own_beat(*beat, now);
  }
};

TEST_CASE("a bus is heard once its own beat comes back, and not when it is connected") {
  watched_bus bus;
  CHECK_FALSE(bus.health.is_heard());
  bus.connect();
  CHECK_FALSE(bus.health.is_heard());
  bus.hear_beat();
  CHECK(bus.health.is_heard());
  CHECK(bus.health.silent(bus.now) == 0ms);
  CHECK(bus.said.empty()); // it was never lost
  CHECK(bus.health.connects() == 1);
}

TEST_CASE("a node beats once a second") {
  watched_bus bus;
  bus.connect();
  CHECK(bus.health.take_due_beat(bus.now) == bus_beat{1});
  CHECK_FALSE(bus.health.take_due_beat(bus.now));
  bus.now += 999ms;
  CHECK_FALSE(bus.health.take_due_beat(bus.now));
  CHECK(bus.health.until_next(bus.now) <= 2ms);
  bus.now += 1ms;
  CHECK(bus.health.take_due_beat(bus.now) == bus_beat{2});
}

TEST_CASE("a bus that carries no beat for three seconds is deaf, though it is connected") {
  watched_bus bus;
  bus.connect();
  bus.hear_beat();
  bus.now += 2'999ms;
  CHECK_FALSE(bus.health.is_deaf(bus.now));
  bus.now += 1ms;
  CHECK(bus.health.is_deaf(bus.now));
  bus.health.on_failure("it is deaf", bus.now);
  CHECK_FALSE(bus.health.is_deaf(bus.now));
  CHECK(bus.said == std::vector<std::string>{"lost: it is deaf"});
  CHECK(bus.health.silent(bus.now) == 3s);
  // Over a new connection it has as long to hear itself again.
  bus.now += 100ms;
  bus.connect();
  bus.now += 2'999ms;
  CHECK_FALSE(bus.health.is_deaf(bus.now));
  bus.hear_beat();
  CHECK(bus.said.back() == "heard after 6099");
}

TEST_CASE("a beat of an earlier connection, or one that was never sent, proves nothing") {
  watched_bus bus;
  bus.connect();
  const auto old = *bus.health.take_due_beat(bus.now);
  bus.health.on_failure("cut", bus.now);
  bus.health.on_own_beat(old, bus.now);
  CHECK_FALSE(bus.health.is_heard());
  bus.now += 100ms;
  bus.connect();
  bus.health.on_own_beat(old, bus.now);
  bus.health.on_own_beat({99}, bus.now);
  CHECK_FALSE(bus.health.is_heard());
  const auto fresh = *bus.health.take_due_beat(bus.now);
  bus.health.on_own_beat(fresh, bus.now);
  CHECK(bus.health.is_heard());
  // Nor does one that comes again and again.
  bus.now += 3s;
  bus.health.on_own_beat(fresh, bus.now);
  CHECK(bus.health.is_deaf(bus.now));
}

TEST_CASE("a bus that cannot be reached is tried again later and later, and told of once") {
  watched_bus bus;
  std::vector<std::chrono::milliseconds> pauses;
  for (int i = 0; i < 7; ++i) {
    REQUIRE(bus.health.wants_connection(bus.now));
    bus.health.on_failure("refused", bus.now);
    const auto before = bus.now;
    while (!bus.health.wants_connection(bus.now))
      bus.now += 10ms;
    pauses.push_back(std::chrono::duration_cast<std::chrono::milliseconds>(bus.now - before));
  }
  CHECK(pauses == std::vector<std::chrono::milliseconds>{100ms, 200ms, 400ms, 800ms, 1600ms,
                                                         2000ms, 2000ms});
  CHECK(bus.said == std::vector<std::string>{"lost: refused"});
  bus.connect();
  bus.hear_beat();
  CHECK(bus.said.back() == "heard after 7100");
  // Once it works, the next failure is tried again soon.
  bus.health.on_failure("cut", bus.now);
  CHECK(bus.health.until_next(bus.now) <= 101ms);
  CHECK(bus.said.back() == "lost: cut");
}

} // namespace
} // namespace hubbub::test
