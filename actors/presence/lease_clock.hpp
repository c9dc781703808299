#pragma once

#include <algorithm>
#include <chrono>
#include <optional>

namespace hubbub {

/// Knows when a node has to report and when its lease is lost. It reads no clock. The times of
/// the store are not compared with ours: a lease holds at least for its length from when its
/// renewal was asked for. A node gives up before that, so that its members are gone here before
/// the others say so.
class lease_clock {
 public:
  using time_point = std::chrono::steady_clock::time_point;
  using duration = std::chrono::milliseconds;

  /// Makes a clock; `every` is how often a node reports that has nothing to say.
  lease_clock(duration length, duration every) : length_(length), every_(every) {}

  /// Notes that a report begins.
  void begin(time_point now) { asked_ = now; }
  /// Notes that the lease was renewed by the report that was begun last.
  void renewed() {
    holds_until_ = asked_ + length_ * 4 / 5;
    is_held_ = true;
  }
  /// Notes that the lease, which was held, is lost.
  void lose(time_point now) {
    is_held_ = false;
    lost_at_ = now;
  }

  [[nodiscard]] bool is_held() const { return is_held_; }
  /// Returns how long a lease has been lost that was held before; nothing for one that is held,
  /// or has never been.
  [[nodiscard]] std::optional<duration> lost_for(time_point now) const {
    if (is_held_ || !lost_at_) return std::nullopt;
    return std::chrono::duration_cast<duration>(now - *lost_at_);
  }
  /// True if the lease is to be given up now.
  [[nodiscard]] bool is_late(time_point now) const { return is_held_ && now >= holds_until_; }
  /// Returns how long the lease holds if it is not renewed.
  [[nodiscard]] duration left(time_point now) const {
    if (!is_held_) return duration{0};
    return std::max(duration{0}, std::chrono::duration_cast<duration>(holds_until_ - now));
  }
  /// True if a report is due although there is nothing to say.
  [[nodiscard]] bool is_due(time_point now) const { return now - asked_ >= every(); }
  /// Returns how long nothing is due.
  [[nodiscard]] duration until_next(time_point now) const {
    auto next = std::chrono::duration_cast<duration>(asked_ + every() - now);
    if (is_held_) next = std::min(next, left(now));
    return std::max(duration{1}, next);
  }

 private:
  [[nodiscard]] duration every() const { return std::min(every_, length_ / 5); }

  duration length_;
  duration every_;
  time_point asked_{};
  time_point holds_until_{};
  bool is_held_ = false;
  std::optional<time_point> lost_at_; ///< when it was lost last
};

} // namespace hubbub
