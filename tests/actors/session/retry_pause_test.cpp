#include "actors/session/retry_pause.hpp"
#include "tests/support/catch.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <set>

namespace hubbub::test {
namespace {

using namespace std::chrono_literals;

TEST_CASE("pauses before a retry are spread evenly around the usual one") {
  constexpr auto many = 10'000;
  constexpr std::size_t parts = 10;
  std::array<int, parts> in_part{};
  const std::chrono::steady_clock::time_point now{1h};
  for (std::int64_t who = 1; who <= many; ++who) {
    const auto pause = retry_pause(200ms, who, now);
    REQUIRE(pause >= 100ms);
    REQUIRE(pause <= 300ms);
    const auto part = static_cast<std::size_t>((pause - 100ms) / 20ms);
    ++in_part[std::min(part, parts - 1)];
  }
  for (const auto count : in_part) {
    CHECK(count > many / static_cast<int>(parts) * 8 / 10);
    CHECK(count < many / static_cast<int>(parts) * 12 / 10);
  }
}

TEST_CASE("nobody gets the same pause before each retry") {
  std::set<std::chrono::milliseconds> pauses;
  std::chrono::steady_clock::time_point now{1h};
  for (int i = 0; i < 20; ++i) {
    pauses.insert(retry_pause(200ms, 7, now));
    now += 200ms;
  }
  CHECK(pauses.size() > 10);
}

} // namespace
} // namespace hubbub::test
