#include "bench/histogram.hpp"

#include <algorithm>
#include <cmath>

namespace hubbub::bench {

histogram::histogram() : counts_((65 - step_bits) * steps) {}

void histogram::merge(const histogram& other) {
  for (std::size_t i = 0; i < counts_.size(); ++i)
    counts_[i] += other.counts_[i];
  count_ += other.count_;
  largest_ = std::max(largest_, other.largest_);
}

void histogram::clear() {
  std::fill(counts_.begin(), counts_.end(), 0);
  count_ = 0;
  largest_ = 0;
}

std::chrono::nanoseconds histogram::quantile(double share) const {
  if (count_ == 0) return {};
  const auto wanted = std::ceil(std::clamp(share, 0.0, 1.0) * static_cast<double>(count_));
  const auto rank = std::clamp<std::uint64_t>(static_cast<std::uint64_t>(wanted), 1, count_);
  std::uint64_t passed = 0;
  std::size_t at = 0;
  while ((passed += counts_[at]) < rank)
    ++at;
  // The largest value of a slot is one less than the smallest one of the next slot.
  const auto next = at + 1;
  std::uint64_t value = at;
  if (next > steps) {
    const auto shift = static_cast<unsigned>(next / steps) - 1;
    value = ((next % steps + steps) << shift) - 1;
  }
  return std::chrono::nanoseconds{static_cast<std::int64_t>(std::min(value, largest_))};
}

} // namespace hubbub::bench
