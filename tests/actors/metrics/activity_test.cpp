#include "actors/metrics/activity.hpp"
#include "tests/support/catch.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace hubbub::test {
namespace {

using namespace std::chrono_literals;
using activity_time = activity_counter::time_point;

std::uint64_t counted_for(const std::vector<busy_entry>& entries, std::string_view name) {
  const auto found = std::ranges::find(entries, name, &busy_entry::name);
  return found == entries.end() ? 0 : found->count;
}

TEST_CASE(
    "what is frequent is found among any number of others, in a fixed number of entries") {
  busy_table table;
  for (std::uint64_t i = 0; i < 20'000; ++i) {
    table.note(i + 10, "stranger " + std::to_string(i));
    if (i % 50 == 0) table.note(1, "often");
  }
  busy_report report;
  table.add_to(report.rooms);
  CHECK(report.rooms.size() == 256);
  report.cut(5);
  REQUIRE(report.rooms.size() == 5);
  const auto often = std::ranges::find(report.rooms, "often", &busy_entry::name);
  REQUIRE(often != report.rooms.end());
  CHECK(often->count >= 400);
  CHECK(often->count - often->excess <= 400);
}

TEST_CASE("nothing is counted until somebody asks, and for a while after") {
  activity_counter counter;
  const activity_time start{1h};
  CHECK_FALSE(counter.is_on());
  CHECK(counter.look(start).rooms.empty());
  CHECK(counter.is_on());
  counter.note(1, "general", "ann", start + 1s);
  counter.note(1, "general", "bob", start + 2s);
  auto report = counter.look(start + 3s);
  CHECK(counted_for(report.rooms, "general") == 2);
  CHECK(counted_for(report.users, "ann") == 1);
  CHECK(report.span == 3s);
  counter.note(1, "general", "ann", start + 3s + activity_counter::patience);
  CHECK_FALSE(counter.is_on());
  CHECK(counter.look(start + 2h).rooms.empty());
}

TEST_CASE("a report covers this window and the last one") {
  activity_counter counter;
  const activity_time start{1h};
  (void)counter.look(start);
  counter.note(1, "general", "ann", start + 19s);
  counter.note(1, "general", "ann", start + 21s);
  auto report = counter.look(start + 25s);
  CHECK(counted_for(report.rooms, "general") == 2);
  CHECK(report.span == 25s);
  report = counter.look(start + 41s);
  CHECK(counted_for(report.rooms, "general") == 1);
  CHECK(report.span == 21s);
  report = counter.look(start + 90s); // nothing was said for more than two windows
  CHECK(report.rooms.empty());
}

TEST_CASE("what several threads counted is added up by name") {
  busy_report sum;
  sum.add({{}, {{1, "ann", 3, 1}, {2, "bob", 1, 0}}, 5s});
  sum.add({{}, {{1, "ann", 2, 0}, {1, "eve", 9, 0}}, 4s});
  sum.cut(2);
  REQUIRE(sum.users.size() == 2);
  CHECK(sum.users[0].name == "eve");
  CHECK(sum.users[1].name == "ann");
  CHECK(sum.users[1].count == 5);
  CHECK(sum.users[1].excess == 1);
  CHECK(sum.span == 5s);
}

} // namespace
} // namespace hubbub::test
