#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace hubbub::bench {

/// Counts of durations, each known to 1/32 of itself, in a fixed piece of memory.
class latency_histogram {
 public:
  void add(std::chrono::nanoseconds latency) {
    const auto value = static_cast<std::uint64_t>(std::max<std::int64_t>(latency.count(), 0));
    ++counts_[slot(value)];
    ++total_;
    largest_ = std::max(largest_, value);
  }

  /// The smallest duration that `share` (0 to 1) of all do not exceed.
  [[nodiscard]] std::chrono::nanoseconds quantile(double share) const {
    auto left = static_cast<std::uint64_t>(share * static_cast<double>(total_));
    for (std::size_t i = 0; i < counts_.size(); ++i) {
      if (counts_[i] > left) return nanoseconds(std::min(floor(i + 1), largest_));
      left -= counts_[i];
    }
    return nanoseconds(largest_);
  }

 private:
  // Small values have a slot each; above, each power of two has `steps` slots.
  static constexpr unsigned step_bits = 5;
  static constexpr std::uint64_t steps = 1U << step_bits;

  static std::size_t slot(std::uint64_t value) {
    if (value < steps) return static_cast<std::size_t>(value);
    const auto shift = static_cast<unsigned>(std::bit_width(value)) - step_bits - 1;
    return static_cast<std::size_t>((shift * steps) + (value >> shift));
  }
  /// The smallest value of a slot.
  static std::uint64_t floor(std::size_t slot) {
    if (slot < 2 * steps) return slot;
    const auto shift = static_cast<unsigned>(slot / steps) - 1;
    return (slot % steps + steps) << shift;
  }
  static std::chrono::nanoseconds nanoseconds(std::uint64_t value) {
    return std::chrono::nanoseconds{static_cast<std::int64_t>(value)};
  }

  std::array<std::uint64_t, (65 - step_bits) * steps> counts_{};
  std::uint64_t total_ = 0;
  std::uint64_t largest_ = 0;
};

} // namespace hubbub::bench
