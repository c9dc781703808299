#pragma once

#include <chrono>

namespace hubbub {

/// How fast something may go on. With `per_second` 0 there is no limit.
struct rate {
  double per_second = 0;
  double burst = 0; ///< how much of it may come at once, after a pause that was long enough

  [[nodiscard]] bool limited() const { return per_second > 0; }
  bool operator==(const rate&) const = default;
};

/// The same rate, so many times as fast.
[[nodiscard]] rate operator*(const rate& limit, double times);

/// A token bucket, kept as the time at which it is full again (the generic cell rate
/// algorithm): eight bytes, and a bucket that nobody has used for long is as good as a new one.
/// Time is an argument; one that stands still or jumps back gives nothing.
class rate_bucket {
 public:
  using time_point = std::chrono::steady_clock::time_point;

  /// Takes `count` tokens. Zero: taken. Else nothing was taken and this is how long it takes
  /// until they are there, at least a millisecond. More than the burst counts as the burst,
  /// which a full bucket can pay.
  [[nodiscard]] std::chrono::milliseconds take(const rate& limit, double count, time_point now);
  /// Takes `count` tokens though they may not be there: the bucket is in debt then.
  void owe(const rate& limit, double count, time_point now);
  /// Tokens that are there now; negative in debt.
  [[nodiscard]] double available(const rate& limit, time_point now) const;
  [[nodiscard]] bool full(time_point now) const { return full_at_ <= now; }

 private:
  time_point full_at_{};
};

} // namespace hubbub
