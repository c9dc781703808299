#pragma once

#include "persistence/store.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>

namespace hubbub {

/// What changed about a store, for the log.
enum class store_change : std::uint8_t {
  failed,  ///< a commit failed, or fails for another reason, or failed again after `untried`
  untried, ///< nothing was committed for a while: it counts as ready, since only a write shows
  well,    ///< a commit succeeded after one that failed
  damaged, ///< damage was met; nothing is written any more
  slow,    ///< a commit took `store_health::slow_commit` or longer; told each time
};
struct store_news {
  store_change what = store_change::well;
  store_error why = store_error::io;  ///< the reason of the failure, also of one that is over
  std::uint64_t failed = 0;           ///< commits that failed in a row
  bool was_unready = false;           ///< the store counted as unhealthy before
  std::chrono::milliseconds lasted{}; ///< since the first of them; or of the slow commit
};
/// Called when something changed, on the writer's thread.
using store_watch = std::function<void(const store_news&)>;

/// Knows whether a store can be written to, and tells of changes. Reads no clock.
class store_health {
 public:
  using time_point = std::chrono::steady_clock::time_point;

  explicit store_health(store_watch tell = {});

  /// How long after a failed commit the store counts as unhealthy. Only a write shows whether
  /// the fault has gone, and a server that calls itself unhealthy gets none.
  static constexpr std::chrono::seconds retry_after{10};

  /// How long a commit takes from which it is told: many times what a healthy disk needs.
  static constexpr std::chrono::seconds slow_commit{1};

  /// Says how long a commit took, whether it succeeded or failed.
  void on_commit(std::chrono::nanoseconds took);
  void on_success(time_point now);
  /// Says that a commit failed, as a whole.
  void on_failure(store_error why, time_point now);
  void on_damage(time_point now);
  /// Lets the time pass. Call it when the wait that `wants_time` asked for is over; earlier
  /// calls do no harm.
  void on_time(time_point now);
  /// Returns true if `on_time` should be called after `retry_after`; once for each wait.
  [[nodiscard]] bool wants_time(time_point now);

  [[nodiscard]] bool is_healthy(time_point now) const;

 private:
  [[nodiscard]] store_news news(store_change what, time_point now) const;

  store_watch tell_;
  std::optional<store_error> why_; ///< set while the last commit failed
  std::uint64_t failed_ = 0;
  time_point first_{};
  time_point last_{};
  time_point awaited_{}; ///< the end of the wait that was asked for last
  bool untried_ = false; ///< that the wait after the last failure is over has been told
  bool damaged_ = false;
};

} // namespace hubbub
