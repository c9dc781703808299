#pragma once

#include "bench/client/event_loop.hpp"
#include "bench/report/process_usage.hpp"
#include "bench/report/report.hpp"

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace hubbub::bench {

/// Counters of what a run has done so far, kept by the parts that do it.
struct tally {
  std::uint64_t deliveries = 0; ///< copies of messages that reached a member
  std::uint64_t sent = 0;
  std::uint64_t confirmed = 0; ///< confirmed messages
  std::uint64_t connects = 0;  ///< clients that entered the namespace
  std::uint64_t requests = 0;  ///< answered HTTP requests
};

/// The work done between two points in time, and the resources it took.
struct measurement {
  std::chrono::nanoseconds elapsed{};
  tally done;
  process_usage server; ///< difference of the usage; `resident` is the value at the end
  process_usage driver;
  std::uint64_t resident_before = 0;
  std::uint64_t resident_peak = 0; ///< the largest value among the samples
  std::size_t server_cores = 1;
  bool knows_server = false;
  std::chrono::nanoseconds lag_p50{}; ///< duration of the driver's passes
  std::chrono::nanoseconds lag_p99{};

  [[nodiscard]] double per_second(std::uint64_t count) const;
  /// Returns the number of cores that were busy on average.
  [[nodiscard]] double cores(const process_usage& of) const;
};

/// Watches the servers' processes and the driver's own while the load runs.
class meter {
 public:
  /// Makes a meter of these processes with their children; without any, of the driver alone.
  meter(event_loop& loop, std::vector<pid_t> servers)
      : loop_(&loop), servers_(std::move(servers)) {}

  /// The counters, which the parts of the load write.
  tally counts;

  /// Begins to measure and to take a sample every `interval`.
  void begin(std::chrono::nanoseconds interval);
  /// Returns the measurement since `begin`. Sampling goes on until `stop`.
  [[nodiscard]] measurement read();
  void stop() { samples_wanted_ = false; }

  [[nodiscard]] bool knows_server() const { return !servers_.empty(); }
  [[nodiscard]] std::uint64_t resident() const { return usage_of(servers_).resident; }
  [[nodiscard]] const std::vector<sample>& samples() const { return samples_; }

 private:
  struct snapshot {
    moment when{};
    tally counts;
    process_usage server;
    process_usage driver;
  };
  [[nodiscard]] snapshot look() const;
  void take_sample();
  void sample_later();

  event_loop* loop_;
  std::vector<pid_t> servers_;
  snapshot begun_;
  snapshot sampled_;
  std::uint64_t resident_peak_ = 0;
  std::chrono::nanoseconds interval_{};
  bool samples_wanted_ = false;
  std::vector<sample> samples_;
};

} // namespace hubbub::bench
