#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>

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

/// Reads the usage of a process; all zero if there is no such process. Its children count as
/// well, those that have ended too, to the clock tick; PostgreSQL has one for each connection.
/// What a child shares with others is not counted as its memory.
[[nodiscard]] process_usage usage_of(pid_t process);
/// Adds up the usage of several processes, none of which is the child of another.
[[nodiscard]] process_usage usage_of(std::span<const pid_t> processes);
/// Returns how many cores at least one of the processes may run on.
[[nodiscard]] std::size_t cores_of(std::span<const pid_t> processes);

} // namespace hubbub::bench
