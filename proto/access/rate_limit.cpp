#include "proto/access/rate_limit.hpp"

#include <algorithm>

namespace hubbub {
namespace {

using seconds = std::chrono::duration<double>;

/// Returns how long it takes until this many tokens have accumulated.
std::chrono::steady_clock::duration time_for(const rate& limit, double tokens) {
  return std::chrono::duration_cast<std::chrono::steady_clock::duration>(
      seconds{tokens / limit.per_second});
}

} // namespace

rate operator*(const rate& limit, double times) {
  return {limit.per_second * times, limit.burst * times};
}

std::chrono::milliseconds rate_bucket::take(const rate& limit, double count, time_point now) {
  using namespace std::chrono_literals;
  if (!limit.limited()) return 0ms;
  const auto full_at = std::max(full_at_, now) + time_for(limit, std::min(count, limit.burst));
  const auto late = full_at - now - time_for(limit, limit.burst);
  // A clock counts nanoseconds, so anything less than one is rounding error.
  if (late > 1ns) return std::chrono::ceil<std::chrono::milliseconds>(late);
  full_at_ = full_at;
  return 0ms;
}

void rate_bucket::owe(const rate& limit, double count, time_point now) {
  if (limit.limited()) full_at_ = std::max(full_at_, now) + time_for(limit, count);
}

double rate_bucket::available(const rate& limit, time_point now) const {
  if (full(now)) return limit.burst;
  return limit.burst - seconds{full_at_ - now}.count() * limit.per_second;
}

} // namespace hubbub
