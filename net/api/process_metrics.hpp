#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace hubbub {

/// What the system knows about this process.
struct process_figures {
  double cpu_seconds = 0;   ///< user and system time
  double start_seconds = 0; ///< when it started, since 1970
  double clock_seconds = 0; ///< the time now by the system's clock, since 1970
  std::uint64_t resident_bytes = 0;
  std::uint64_t virtual_bytes = 0;
  std::uint64_t open_files = 0;
  std::uint64_t max_files = 0; ///< 0: no limit
  std::uint64_t threads = 0;
};
/// Asks the system. Takes tens of microseconds, and before Linux 6.2 as long as it takes to
/// list the open files.
[[nodiscard]] process_figures ask_process();

/// Reads the line of /proc/PID/stat; nothing if it is not well-formed. `ticks` are a second's,
/// `page` the bytes of a page, `booted` the system's start.
[[nodiscard]] std::optional<process_figures> parse_stat(std::string_view line, double ticks,
                                                        std::uint64_t page, double booted);

/// jemalloc's own figures, in bytes (its manual, `stats.*`).
struct allocator_figures {
  std::size_t allocated = 0;
  std::size_t active = 0;
  std::size_t metadata = 0;
  std::size_t resident = 0;
  std::size_t mapped = 0;
  std::size_t retained = 0;
};
/// Asks jemalloc; nothing in a program that is not linked with it.
[[nodiscard]] std::optional<allocator_figures> ask_allocator();

} // namespace hubbub
