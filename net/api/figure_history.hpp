#pragma once

#include "net/api/metrics_page.hpp"
#include "proto/ids.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

namespace hubbub {

/// A number that says how the server does, made of two snapshots of its counters.
struct figure {
  std::string_view name;
  /// Returns its value over the time between the snapshots; NaN where that is unknown.
  double (*between)(const metrics_snapshot& before, const metrics_snapshot& now,
                    double seconds);
};
/// Returns all figures: rates, latencies over the time between two snapshots, and levels.
[[nodiscard]] std::span<const figure> figures();

/// The counters at one time.
struct timed_snapshot {
  using time_point = std::chrono::steady_clock::time_point;
  metrics_snapshot counters;
  time_point taken;
};
using timed_snapshot_ptr = std::shared_ptr<const timed_snapshot>;

/// Returns the figures' values, in their order; all NaN without an earlier snapshot.
[[nodiscard]] std::vector<float> figures_between(const timed_snapshot* before,
                                                 const timed_snapshot& now);

/// The figures' values of one interval.
struct figure_sample {
  std::uint64_t number = 0; ///< from 1 on
  timestamp at;             ///< the end of the interval
  std::vector<float> values;
};

/// Keeps the figures of the last hour in a ring of fixed size. Belongs to one thread.
class figure_history {
 public:
  static constexpr std::chrono::seconds interval{10};
  static constexpr std::size_t capacity = 360;

  /// Adds the figures of the time since the last snapshot; the first one only begins.
  void add(timed_snapshot_ptr now, timestamp at);
  /// Returns the samples after the one with this number; 0: all.
  [[nodiscard]] std::vector<figure_sample> after(std::uint64_t number) const;
  /// Returns a snapshot with which to compare one that is taken now: the last but one, so that
  /// the time between is at least an interval; null before the first.
  [[nodiscard]] timed_snapshot_ptr base() const { return before_ ? before_ : last_; }

 private:
  std::deque<figure_sample> samples_;
  std::uint64_t added_ = 0;
  timed_snapshot_ptr before_;
  timed_snapshot_ptr last_;
};

} // namespace hubbub
