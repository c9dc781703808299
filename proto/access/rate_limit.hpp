#pragma once

#include <chrono>

namespace hubbub {

/// The rate at which something may happen. A `per_second` of 0 means that there is no limit.
struct rate {
  double per_second = 0;
  double burst = 0; ///< most that may come at once after a long enough pause

  [[nodiscard]] bool limited() const { return per_second > 0; }
  bool operator==(const rate&) const = default;
};

/// Returns the same rate, `times` times as fast.
[[nodiscard]] rate operator*(const rate& limit, double times);

/// A token bucket, kept as the time at which it is full again (the generic cell rate
/// algorithm). It takes eight bytes, and a bucket that has long been unused equals a new one.
/// Time is an argument; a clock that stands still or jumps back adds no tokens.
class rate_bucket {
 public:
  using time_point = std::chrono::steady_clock::time_point;

  /// Takes `count` tokens and returns zero, or takes nothing and returns how long it takes
  /// until that many are available, at least a millisecond. A count above the burst counts as
  /// the burst, which a full bucket can pay.
  [[nodiscard]] std::chrono::milliseconds take(const rate& limit, double count, time_point now);
  /// Takes `count` tokens even if they are not available; the bucket is then in debt.
  void owe(const rate& limit, double count, time_point now);
  /// Returns the tokens available now; negative in debt.
  [[nodiscard]] double available(const rate& limit, time_point now) const;
  [[nodiscard]] bool full(time_point now) const { return full_at_ <= now; }

 private:
  time_point full_at_{};
};

} // namespace hubbub
