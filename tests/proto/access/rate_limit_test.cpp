#include "proto/access/rate_limit.hpp"
#include "tests/support/catch.hpp"

#include <algorithm>
#include <chrono>
#include <random>

namespace hubbub {
namespace {

using namespace std::chrono_literals;

const rate_bucket::time_point start{std::chrono::hours{1000}};

TEST_CASE("a bucket gives its burst at once and then what comes in") {
  rate_bucket bucket;
  const rate limit{10, 3};
  for (int i = 0; i < 3; ++i)
    CHECK(bucket.take(limit, 1, start) == 0ms);
  CHECK(bucket.take(limit, 1, start) == 100ms);
  CHECK(bucket.take(limit, 1, start + 99ms) == 1ms);
  CHECK(bucket.take(limit, 1, start + 100ms) == 0ms);
  CHECK(bucket.take(limit, 1, start + 100ms) == 100ms);
}

TEST_CASE("a pause fills a bucket to its burst and no further") {
  rate_bucket bucket;
  const rate limit{10, 3};
  CHECK(bucket.take(limit, 3, start) == 0ms);
  CHECK_FALSE(bucket.full(start + 299ms));
  CHECK(bucket.full(start + 300ms));
  CHECK(bucket.available(limit, start + 1h) == 3);
  CHECK(bucket.take(limit, 3, start + 1h) == 0ms);
  CHECK(bucket.take(limit, 1, start + 1h) == 100ms);
}

TEST_CASE("a refusal takes nothing") {
  rate_bucket bucket;
  const rate limit{1, 1};
  CHECK(bucket.take(limit, 1, start) == 0ms);
  for (int i = 0; i < 100; ++i)
    CHECK(bucket.take(limit, 1, start) == 1s);
  CHECK(bucket.take(limit, 1, start + 1s) == 0ms);
}

TEST_CASE("what is larger than the burst costs a full bucket") {
  rate_bucket bucket;
  const rate limit{100, 10};
  CHECK(bucket.take(limit, 1'000, start) == 0ms);
  CHECK(bucket.take(limit, 1'000, start) == 100ms);
  CHECK(bucket.take(limit, 1'000, start + 100ms) == 0ms);
}

TEST_CASE("debt is worked off") {
  rate_bucket bucket;
  const rate limit{10, 5};
  bucket.owe(limit, 8, start);
  CHECK(bucket.available(limit, start) == Approx(-3));
  CHECK(bucket.take(limit, 1, start) == 400ms);
  CHECK(bucket.take(limit, 1, start + 400ms) == 0ms);
}

TEST_CASE("without a rate there is no limit") {
  rate_bucket bucket;
  for (int i = 0; i < 1'000; ++i)
    CHECK(bucket.take({}, 1e9, start) == 0ms);
  bucket.owe({}, 1e9, start);
  CHECK(bucket.full(start));
}

TEST_CASE("a clock that jumps back gives nothing") {
  rate_bucket bucket;
  const rate limit{10, 1};
  CHECK(bucket.take(limit, 1, start) == 0ms);
  CHECK(bucket.take(limit, 1, start - 1s) == 1100ms);
}

TEST_CASE("however it is asked, a bucket never gives more than burst and rate allow") {
  std::mt19937 random{7};
  for (int round = 0; round < 200; ++round) {
    const rate limit{std::uniform_real_distribution{0.5, 500.0}(random),
                     std::uniform_real_distribution{1.0, 50.0}(random)};
    rate_bucket bucket;
    auto now = start;
    double given = 0;
    for (int i = 0; i < 500; ++i) {
      now += std::chrono::microseconds{std::uniform_int_distribution{0, 20'000}(random)};
      const auto count = std::uniform_real_distribution{0.1, 5.0}(random);
      const auto wait = bucket.take(limit, count, now);
      if (wait == 0ms) given += std::min(count, limit.burst);
      const std::chrono::duration<double> passed = now - start;
      REQUIRE(given <= limit.burst + passed.count() * limit.per_second + 1e-3);
      if (wait > 0ms) {
        auto later = bucket;
        // the time that was promised is right
        REQUIRE(later.take(limit, count, now + wait) == 0ms);
      }
    }
  }
}

} // namespace
} // namespace hubbub
