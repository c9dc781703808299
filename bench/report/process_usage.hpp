#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace hubbub::bench {

/// The resources that a process has used so far.
struct process_usage {
  std::chrono::nanoseconds cpu{};
  std::chrono::nanoseconds user{}; ///< in clock ticks (10 ms), as is `system`
  std::chrono::nanoseconds system{};
  /// Time that its threads were ready to run and had no core.
  std::chrono::nanoseconds waited{};
  std::uint64_t resident = 0; ///< in bytes
};

/// Reads the usage of a process; all zero if there is no such process.
[[nodiscard]] process_usage usage_of(pid_t process);
/// Returns how many cores a process may run on.
[[nodiscard]] std::size_t cores_of(pid_t process);

} // namespace hubbub::bench
