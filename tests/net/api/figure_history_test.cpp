#include "net/api/figure_history.hpp"
#include "net/api/number_json.hpp"
#include "tests/support/catch.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <memory>
#include <string_view>

namespace hubbub::test {
namespace {

using namespace std::chrono_literals;

timed_snapshot_ptr snapshot_at(std::chrono::seconds when, const metrics_snapshot& counters) {
  return std::make_shared<const timed_snapshot>(
      timed_snapshot{counters, timed_snapshot::time_point{when}});
}

float value_of(std::string_view name, const std::vector<float>& values) {
  const auto found = std::ranges::find(figures(), name, &figure::name);
  REQUIRE(found != figures().end());
  return values[static_cast<std::size_t>(found - figures().begin())];
}

TEST_CASE("figures are told over the time between two snapshots") {
  metrics_snapshot before;
  before.store.emplace();
  before.store->appended = 100;
  before.measures.emplace();
  auto& acks = before.measures->acks[static_cast<std::size_t>(ack_outcome::stored)];
  acks.observe(5s); // long ago: it must not count
  auto now = before;
  now.store->appended = 150;
  now.store->log_bytes = 4'096;
  auto& fresh = now.measures->acks[static_cast<std::size_t>(ack_outcome::stored)];
  for (int i = 0; i < 100; ++i)
    fresh.observe(1500us);
  now.process.resident_bytes = 7;
  const auto values = figures_between(snapshot_at(10s, before).get(), *snapshot_at(20s, now));
  CHECK(value_of("messages_per_second", values) == 5);
  CHECK(value_of("wal_bytes", values) == 4'096);
  CHECK(value_of("resident_bytes", values) == 7);
  CHECK(value_of("ack_p50_seconds", values) == Approx(0.00175)); // the middle of 1 to 2.5 ms
  CHECK(std::isnan(value_of("commit_p99_seconds", values)));     // nothing was committed
  CHECK(std::isnan(value_of("deliveries_per_second", values)));  // the relays did not answer
  CHECK(std::isnan(value_of("refused_per_second", values)));
  const auto first = figures_between(nullptr, *snapshot_at(20s, now));
  CHECK(std::ranges::all_of(first, [](float each) { return std::isnan(each); }));
}

TEST_CASE("the history holds an hour and numbers its samples") {
  figure_history history;
  CHECK_FALSE(history.base());
  metrics_snapshot counters;
  for (int i = 0; i < 400; ++i) {
    history.add(snapshot_at(figure_history::interval * i, counters), timestamp{i});
    CHECK(history.after(0).size() ==
          std::min<std::size_t>(static_cast<std::size_t>(i), figure_history::capacity));
  }
  const auto all = history.after(0);
  CHECK(all.front().number == 40);
  CHECK(all.back().number == 399);
  CHECK(all.back().at == timestamp{399});
  CHECK(history.after(397).size() == 2);
  CHECK(history.after(399).empty());
  CHECK(history.base()->taken.time_since_epoch() == figure_history::interval * 398);
}

TEST_CASE("numbers are written as JSON knows them") {
  CHECK(number_json(0) == "0");
  CHECK(number_json(-3) == "-3");
  CHECK(number_json(9'007'199'254'740'992.0) == "9007199254740992");
  CHECK(number_json(0.25) == "0.25");
  CHECK(number_json(1.0 / 3) == "0.333333");
  CHECK(number_json(std::numeric_limits<double>::quiet_NaN()) == "null");
  CHECK(number_json(std::numeric_limits<double>::infinity()) == "null");
}

} // namespace
} // namespace hubbub::test
