#pragma once

#include "bench/histogram.hpp"
#include "bench/scenario/run.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

namespace hubbub::bench {

/// Clients that connect, join, leave and disconnect in cycles: a number of them at a time, or
/// at a rate.
class churn final : public crowd_observer {
 public:
  explicit churn(run& of);

  void begin();
  /// Starts no more cycles and waits for those under way. A cycle that was due and could
  /// not start counts as if it ended now, since it would have taken at least that long.
  void finish();
  [[nodiscard]] std::uint64_t done() const { return done_; }
  /// Returns how many cycles were due by the end and never began.
  [[nodiscard]] std::uint64_t never_begun() const { return never_begun_; }
  /// Returns how long cycles took, from the time at which each was due.
  [[nodiscard]] const histogram& times() const { return times_; }

 private:
  void on_joined(client& who, std::string_view ack) override;
  void on_left(client& who) override;
  void on_goodbye(client& who) override;

  void begin_cycle(moment due);
  void begin_late();
  void note_due(moment now);
  void begin_due();

  run* run_;
  bool going_ = false;
  std::deque<std::size_t> free_; ///< clients that are not connected
  std::vector<moment> due_;      ///< for each client, when its cycle was due
  std::deque<moment> late_;      ///< due times of cycles that wait for a free client
  std::chrono::nanoseconds pause_{};
  moment next_due_{};
  std::uint64_t done_ = 0;
  std::uint64_t never_begun_ = 0;
  std::uint64_t under_way_ = 0;
  histogram times_;
};

} // namespace hubbub::bench
