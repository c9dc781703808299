// The lines to both kinds of bus, each against a real server. Run like the tests of the store
// in PostgreSQL, as one test, so that servers are started for these alone.
#include "persistence/bus/bus_line.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/postgres_server.hpp"
#include "tests/support/redis_server.hpp"

#include <chrono>
#include <memory>
#include <string>
#include <vector>

namespace hubbub::test {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::milliseconds patience = 5s;

/// A line, with what came over it.
struct heard_line {
  explicit heard_line(const std::string& address) {
    line = make_bus_line(*parse_bus_address(address),
                         address == "postgres" ? postgres_server::shared() : "");
    REQUIRE(line->connect(patience));
  }

  /// Passes until something holds, or fails after a while.
  template <class Holds>
  void until(Holds holds) {
    const auto end = std::chrono::steady_clock::now() + 30s;
    while (!holds()) {
      REQUIRE(std::chrono::steady_clock::now() < end);
      auto caught = line->pass(bell, 100ms);
      REQUIRE(caught);
      for (auto& each : caught->heard)
        heard.push_back(each.channel + " " + each.text);
      for (auto& each : caught->confirmed)
        confirmed.push_back(each);
    }
  }
  void listen(const std::string& channel) {
    line->subscribe(channel);
    const auto before = confirmed.size();
    until([&] { return confirmed.size() > before; });
  }

  bus_bell bell;
  std::unique_ptr<bus_line> line;
  std::vector<std::string> heard;
  std::vector<std::string> confirmed;
};

const std::string& redis_address() {
  static const redis_server server;
  static const auto address = "redis://127.0.0.1:" + std::to_string(server.port());
  return address;
}

TEST_CASE("a bus over Redis or postgres carries texts to those who have subscribed") {
  const auto address = GENERATE(std::string{"postgres"}, redis_address());
  INFO(address);
  heard_line one{address};
  heard_line two{address};
  one.listen("hubbub:1:all");
  two.listen("hubbub:1:all");
  two.listen("hubbub:1:r:17");
  CHECK(two.confirmed == std::vector<std::string>{"hubbub:1:all", "hubbub:1:r:17"});
  const std::string longest = std::string(7'800, 'x') + "'\"\\ \u20ac";
  REQUIRE(one.line->publish("hubbub:1:r:17", longest));
  REQUIRE(one.line->publish("hubbub:1:r:18", "nobody hears it"));
  REQUIRE(one.line->publish("hubbub:1:all", "done"));
  one.until([&] { return one.heard.size() == 1; });
  two.until([&] { return two.heard.size() == 2; });
  CHECK(one.heard == std::vector<std::string>{"hubbub:1:all done"});
  CHECK(two.heard == std::vector<std::string>{"hubbub:1:r:17 " + longest, "hubbub:1:all done"});
  two.line->unsubscribe("hubbub:1:r:17");
  two.listen("hubbub:1:r:18");
  for (int i = 0; i < 600; ++i)
    REQUIRE(one.line->publish("hubbub:1:r:" + std::to_string(17 + i % 2), std::to_string(i)));
  one.until([&] { return one.line->publish("hubbub:1:all", "end") && one.heard.size() > 1; });
  two.until([&] { return two.heard.back() == "hubbub:1:all end"; });
  CHECK(two.heard.size() >= 303);
  CHECK(two.heard[2] == "hubbub:1:r:18 1");
  CHECK(two.heard[301] == "hubbub:1:r:18 599");
}

TEST_CASE("a line to Redis or postgres wakes up when its bell rings, and keeps a bound") {
  const auto address = GENERATE(std::string{"postgres"}, redis_address());
  INFO(address);
  heard_line one{address};
  one.bell.ring();
  const auto before = std::chrono::steady_clock::now();
  const auto caught = one.line->pass(one.bell, 60s);
  REQUIRE(caught);
  CHECK(caught->heard.empty());
  CHECK(std::chrono::steady_clock::now() - before < 60s);
  std::size_t taken = 0;
  while (one.line->publish("c", std::string(7'000, 'x')))
    taken += 7'000;
  CHECK(taken <= bus_line::max_queued);
  CHECK(taken > bus_line::max_queued - 100'000); // names and commands count too
  one.line->close();
  CHECK_FALSE(one.line->publish("c", "x"));
  CHECK_FALSE(one.line->pass(one.bell, 0ms));
  // It can connect anew, with nothing of before.
  REQUIRE(one.line->connect(patience));
  one.listen("c");
  CHECK(one.heard.empty());
}

TEST_CASE("a line to no server, and neither Redis nor postgres, says why") {
  const auto nobody = make_bus_line(*parse_bus_address("redis://127.0.0.1:1"), "");
  const auto refused = nobody->connect(patience);
  REQUIRE_FALSE(refused);
  CHECK(refused.error() == "Connection refused");
  auto locked = parse_bus_address("redis://:wrong@127.0.0.1");
  locked->port = parse_bus_address(redis_address())->port;
  const auto rejected = make_bus_line(*locked, "")->connect(patience);
  REQUIRE_FALSE(rejected);
  CHECK(rejected.error().find("AUTH") != std::string::npos);
  CHECK_FALSE(
      make_bus_line(*parse_bus_address("postgres"), "host=/nowhere")->connect(patience));
  CHECK(make_bus_line({}, "") == nullptr);
}

} // namespace
} // namespace hubbub::test
