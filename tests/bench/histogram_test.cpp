#include "bench/histogram.hpp"
#include "tests/support/catch.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <vector>

using namespace hubbub::bench;
using std::chrono::nanoseconds;

namespace {

/// Returns values of every size, from 0 to the largest one.
std::vector<std::int64_t> random_values(std::mt19937_64& random, std::size_t count) {
  std::vector<std::int64_t> values(count);
  for (auto& value : values)
    value = static_cast<std::int64_t>((random() >> 1U) >> random() % 63);
  return values;
}

std::int64_t exact_quantile(std::vector<std::int64_t> values, double share) {
  std::sort(values.begin(), values.end());
  const auto rank = std::ceil(share * static_cast<double>(values.size()));
  return values[std::max<std::size_t>(static_cast<std::size_t>(rank), 1) - 1];
}

} // namespace

TEST_CASE("a histogram's quantile is at most 1/128 above the exact one and never below") {
  std::mt19937_64 random{20240517};
  for (int round = 0; round < 300; ++round) {
    const auto values = random_values(random, 1 + random() % 2'000);
    histogram counted;
    for (const auto value : values)
      counted.add(nanoseconds{value});
    for (const auto share : {0.0, 0.001, 0.1, 0.5, 0.9, 0.99, 0.999, 1.0}) {
      const auto exact = exact_quantile(values, share);
      const auto found = counted.quantile(share).count();
      CAPTURE(round, share, exact, found);
      REQUIRE(found >= exact);
      REQUIRE(found - exact <= exact / 128);
    }
  }
}

TEST_CASE("a histogram knows small durations and the largest one exactly") {
  histogram counted;
  for (std::int64_t value = 0; value < 128; ++value)
    counted.add(nanoseconds{value});
  CHECK(counted.quantile(0.5) == nanoseconds{63});
  counted.add(nanoseconds{1'000'003});
  CHECK(counted.quantile(1) == nanoseconds{1'000'003});
  CHECK(counted.largest() == nanoseconds{1'000'003});
  CHECK(counted.count() == 129);
}

TEST_CASE("a histogram of nothing says zero") {
  CHECK(histogram{}.quantile(0.5) == nanoseconds{0});
}

TEST_CASE("a negative duration counts as none and the largest there is fits") {
  histogram counted;
  counted.add(nanoseconds{-5});
  CHECK(counted.quantile(1) == nanoseconds{0});
  counted.add(nanoseconds{std::numeric_limits<std::int64_t>::max()});
  CHECK(counted.quantile(1).count() == std::numeric_limits<std::int64_t>::max());
}

TEST_CASE("merged histograms say what one histogram of all would") {
  std::mt19937_64 random{7};
  histogram first;
  histogram second;
  histogram all;
  for (const auto value : random_values(random, 5'000)) {
    (value % 3 == 0 ? first : second).add(nanoseconds{value}, 2);
    all.add(nanoseconds{value}, 2);
  }
  first.merge(second);
  CHECK(first.count() == all.count());
  for (const auto share : {0.1, 0.5, 0.99, 1.0})
    CHECK(first.quantile(share) == all.quantile(share));
  first.clear();
  CHECK(first.count() == 0);
  CHECK(first.quantile(1) == nanoseconds{0});
}
