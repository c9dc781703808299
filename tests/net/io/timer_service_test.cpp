#include "net/io/timer_service.hpp"
#include "tests/support/catch.hpp"

#include <boost/asio/io_context.hpp>

#include <algorithm>
#include <chrono>
#include <functional>
#include <memory>
#include <vector>

namespace hubbub {
namespace {

using std::chrono::milliseconds;

struct alarm final : timed {
  explicit alarm(std::function<void()> ring) : on_ring(std::move(ring)) {}
  void on_time(steady_time) override { on_ring(); }
  std::function<void()> on_ring;
};

struct timer_world {
  boost::asio::io_context io;
  timer_service timers{io};
  steady_time start = std::chrono::steady_clock::now();
  std::vector<int> rung;

  std::unique_ptr<alarm> make(int number) {
    return std::make_unique<alarm>([this, number] { rung.push_back(number); });
  }
};

} // namespace

TEST_CASE("timers ring in the order of their times, not before them") {
  timer_world world;
  auto late = world.make(3);
  auto early = world.make(1);
  auto middle = world.make(2);
  steady_time heard;
  alarm last{[&] { heard = std::chrono::steady_clock::now(); }};
  world.timers.set(*late, world.start + milliseconds{6});
  world.timers.set(*early, world.start + milliseconds{2});
  world.timers.set(*middle, world.start + milliseconds{4});
  world.timers.set(last, world.start + milliseconds{8});
  world.io.run();
  CHECK(world.rung == std::vector{1, 2, 3});
  CHECK(heard >= world.start + milliseconds{8});
}

TEST_CASE("long waits end at most 1/256 late, short ones when they should") {
  const steady_time now{std::chrono::nanoseconds{1'234'567'890'123}};
  for (const auto wait : {0, 1, 300, 999})
    CHECK(rounded_end(now + milliseconds{wait}, now) == now + milliseconds{wait});
  for (const auto wait : {1'000, 1'001, 20'000, 25'000, 3'600'000}) {
    const auto end = rounded_end(now + milliseconds{wait}, now);
    CHECK(end >= now + milliseconds{wait});
    CHECK(end - now <= milliseconds{wait} + milliseconds{wait} / 256);
  }
}

TEST_CASE("long waits that end about together end together") {
  const steady_time now{std::chrono::nanoseconds{1'234'567'890'123}};
  std::vector<steady_time> ends;
  for (int i = 0; i < 1'000; ++i) // for a second, one each millisecond
    ends.push_back(rounded_end(now + milliseconds{25'000 + i}, now + milliseconds{i}));
  CHECK(std::ranges::is_sorted(ends));
  ends.erase(std::unique(ends.begin(), ends.end()), ends.end());
  CHECK(ends.size() < 20);
}

TEST_CASE("a time that is set again replaces the first, earlier or later") {
  timer_world world;
  auto postponed = world.make(1);
  auto advanced = world.make(2);
  auto fixed = world.make(3);
  world.timers.set(*postponed, world.start + milliseconds{1});
  world.timers.set(*advanced, world.start + milliseconds{50});
  world.timers.set(*fixed, world.start + milliseconds{4});
  world.timers.set(*postponed, world.start + milliseconds{6});
  world.timers.set(*advanced, world.start + milliseconds{2});
  world.io.run();
  CHECK(world.rung == std::vector{2, 3, 1});
}

TEST_CASE("what was cancelled or destroyed does not ring") {
  timer_world world;
  auto cancelled = world.make(1);
  auto destroyed = world.make(2);
  auto kept = world.make(3);
  world.timers.set(*cancelled, world.start + milliseconds{1});
  world.timers.set(*destroyed, world.start + milliseconds{2});
  world.timers.set(*kept, world.start + milliseconds{3});
  world.timers.cancel(*cancelled);
  destroyed.reset();
  world.io.run();
  CHECK(world.rung == std::vector{3});
}

TEST_CASE("a timer may set itself again and destroy another") {
  timer_world world;
  auto victim = world.make(9);
  int rings = 0;
  std::unique_ptr<alarm> again;
  again = std::make_unique<alarm>([&] {
    victim.reset();
    if (++rings < 3)
      world.timers.set(*again, std::chrono::steady_clock::now() + milliseconds{1});
  });
  world.timers.set(*again, world.start);
  world.timers.set(*victim, world.start);
  // If two are due at the same time, either may be first.
  world.io.run();
  CHECK(rings == 3);
  CHECK(world.rung.size() <= 1);
}

TEST_CASE("many timers, set and cancelled at random, ring once each in order") {
  timer_world world;
  std::vector<std::unique_ptr<alarm>> alarms;
  std::vector<steady_time> due;
  unsigned random = 1;
  for (int i = 0; i < 500; ++i) {
    alarms.push_back(world.make(i));
    random = random * 1'103'515'245U + 12'345U;
    due.push_back(world.start + std::chrono::microseconds{(random >> 8U) % 20'000});
    world.timers.set(*alarms.back(), due.back());
  }
  for (std::size_t i = 0; i < alarms.size(); i += 3)
    world.timers.cancel(*alarms[i]);
  world.io.run();
  CHECK(world.rung.size() == 333);
  CHECK(std::ranges::is_sorted(world.rung, {},
                               [&](int i) { return due[static_cast<std::size_t>(i)]; }));
}

TEST_CASE("a stopped service rings no more and takes nothing new") {
  timer_world world;
  auto one = world.make(1);
  world.timers.set(*one, world.start);
  world.timers.stop();
  world.timers.set(*one, world.start);
  world.io.run();
  CHECK(world.rung.empty());
}

} // namespace hubbub
