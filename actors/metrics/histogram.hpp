#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace hubbub {

/// The buckets of durations: 50 µs to 10 s, in nanoseconds.
struct latency_scale {
  static constexpr std::array<std::int64_t, 17> bounds = [] {
    std::array<std::int64_t, 17> microseconds{
        50,     100,     250,     500,     1'000,     2'500,     5'000,     10'000,    25'000,
        50'000, 100'000, 250'000, 500'000, 1'000'000, 2'500'000, 5'000'000, 10'000'000};
    for (auto& each : microseconds)
      each *= 1'000;
    return microseconds;
  }();
  static constexpr double a_unit = 1e9; ///< how many of a bound make a second
};
/// The buckets of numbers of things in a batch.
struct batch_scale {
  static constexpr std::array<std::int64_t, 10> bounds{1,  2,   5,   10,  20,
                                                       50, 100, 200, 500, 1'000};
  static constexpr double a_unit = 1;
};

/// Counts values in buckets. Belongs to one thread; copies of several threads are added up.
template <class Scale>
class histogram {
 public:
  using scale = Scale;

  void observe(std::int64_t value) {
    value = std::max<std::int64_t>(value, 0);
    ++counts_[bucket_of(value)];
    sum_ += static_cast<std::uint64_t>(value);
  }
  void observe(std::chrono::nanoseconds duration) { observe(duration.count()); }

  /// Returns the bucket in which a value is counted.
  [[nodiscard]] static constexpr std::size_t bucket_of(std::int64_t value) {
    const auto& bounds = Scale::bounds;
    std::size_t bucket = 0;
    while (bucket < bounds.size() && value > bounds[bucket])
      ++bucket;
    return bucket;
  }

  /// Returns how many values are in each bucket; those above the last bound come last.
  [[nodiscard]] const auto& counts() const { return counts_; }
  [[nodiscard]] std::uint64_t sum() const { return sum_; }
  [[nodiscard]] std::uint64_t count() const {
    std::uint64_t all = 0;
    for (const auto each : counts_)
      all += each;
    return all;
  }

  histogram& operator+=(const histogram& more) {
    for (std::size_t i = 0; i < counts_.size(); ++i)
      counts_[i] += more.counts_[i];
    sum_ += more.sum_;
    return *this;
  }
  /// Leaves what was counted after `before`, an earlier copy.
  histogram& operator-=(const histogram& before) {
    for (std::size_t i = 0; i < counts_.size(); ++i)
      counts_[i] -= before.counts_[i];
    sum_ -= before.sum_;
    return *this;
  }
  /// Estimates the value below which the share `q` of all values lies, in the scale's unit (for
  /// durations in seconds); nothing if there are no values. In a bucket values are taken to be
  /// spread evenly; above the last bound it is that bound.
  [[nodiscard]] std::optional<double> quantile(double q) const {
    const auto wanted = q * static_cast<double>(count());
    if (count() == 0) return std::nullopt;
    double below = 0;
    double from = 0;
    for (std::size_t i = 0; i < Scale::bounds.size(); ++i) {
      const auto here = static_cast<double>(counts_[i]);
      const auto to = static_cast<double>(Scale::bounds[i]);
      if (here > 0 && below + here >= wanted)
        return (from + (to - from) * (wanted - below) / here) / Scale::a_unit;
      below += here;
      from = to;
    }
    return from / Scale::a_unit;
  }

 private:
  std::array<std::uint64_t, Scale::bounds.size() + 1> counts_{};
  std::uint64_t sum_ = 0;
};
using latency_histogram = histogram<latency_scale>;
using batch_histogram = histogram<batch_scale>;

} // namespace hubbub
