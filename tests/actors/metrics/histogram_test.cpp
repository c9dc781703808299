#include "actors/metrics/chat_measures.hpp"
#include "actors/metrics/histogram.hpp"
#include "actors/metrics/pass_clock.hpp"
#include "tests/support/catch.hpp"

namespace hubbub::test {
namespace {

using namespace std::chrono_literals;

TEST_CASE("a histogram puts each duration into the first bucket that it fits") {
  latency_histogram values;
  values.observe(50us); // a bound belongs to its bucket
  values.observe(51us);
  values.observe(-1us); // a clock never goes back, but a sum must not become enormous
  values.observe(10s);
  values.observe(11s);
  CHECK(values.counts().front() == 2);
  CHECK(values.counts()[1] == 1);
  CHECK(values.counts()[latency_scale::bounds.size() - 1] == 1);
  CHECK(values.counts().back() == 1);
  CHECK(values.count() == 5);
  CHECK(values.sum() == 21'000'101'000);
  auto twice = values;
  twice += values;
  CHECK(twice.count() == 10);
  CHECK(twice.sum() == 42'000'202'000);
}

TEST_CASE("what threads measure is added up") {
  chat_measures sum;
  chat_measures one;
  one.acks[0].observe(1ms);
  one.http.resize(2);
  one.http[1][3].observe(1ms);
  one.socket_errors[2] = 4;
  one.writes_waiting = 3;
  one.oldest_write = 5s;
  sum += one;
  one.oldest_write = 2s;
  sum += one;
  CHECK(sum.acks[0].count() == 2);
  REQUIRE(sum.http.size() == 2);
  CHECK(sum.http[1][3].count() == 2);
  CHECK(sum.socket_errors[2] == 8);
  CHECK(sum.writes_waiting == 6);
  CHECK(sum.oldest_write == 5s);
}

TEST_CASE("a pass is measured from the oldest event in it") {
  const pass_clock::time_point start{1h};
  pass_clock clock;
  clock.note({});
  CHECK(clock.oldest == pass_clock::time_point{});
  clock.note(start + 2s);
  clock.note(start + 1s);
  clock.note(start + 3s);
  CHECK(clock.oldest == start + 1s);
}

} // namespace
} // namespace hubbub::test
