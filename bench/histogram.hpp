#pragma once

#include <bit>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace hubbub::bench {

/// Counts of durations in a fixed amount of memory, in the manner of HDR histograms: a value is
/// known to 1/128 of itself, whatever its size.
class histogram {
 public:
  histogram();

  /// Counts one duration; a negative one counts as zero.
  void add(std::chrono::nanoseconds duration, std::uint64_t times = 1) {
    const auto value = duration.count() < 0 ? 0U : static_cast<std::uint64_t>(duration.count());
    counts_[slot(value)] += times;
    count_ += times;
    if (value > largest_) largest_ = value;
  }
  void merge(const histogram& other);
  void clear();

  [[nodiscard]] std::uint64_t count() const { return count_; }
  [[nodiscard]] std::chrono::nanoseconds largest() const {
    return std::chrono::nanoseconds{static_cast<std::int64_t>(largest_)};
  }
  /// Returns the smallest duration that at least `share` (0 to 1) of all do not exceed; at most
  /// 1/128 above the truth, never below it. Zero if nothing was counted.
  [[nodiscard]] std::chrono::nanoseconds quantile(double share) const;
  /// Returns the histogram as a figure of a report, in nanoseconds.
  [[nodiscard]] double p99() const { return static_cast<double>(quantile(0.99).count()); }

 private:
  // Small values have a slot each; above them, each power of two has `steps` slots.
  static constexpr unsigned step_bits = 7;
  static constexpr std::uint64_t steps = 1U << step_bits;

  static std::size_t slot(std::uint64_t value) {
    if (value < steps) return value;
    const auto shift = static_cast<unsigned>(std::bit_width(value)) - step_bits - 1;
    return shift * steps + (value >> shift);
  }

  std::vector<std::uint64_t> counts_;
  std::uint64_t count_ = 0;
  std::uint64_t largest_ = 0;
};

} // namespace hubbub::bench
