#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace hubbub {

/// Returns the resident memory of this process in bytes; 0 if the system does not report it.
[[nodiscard]] std::size_t resident_memory();

/// Returns how much memory this process may use before the kernel kills it: the machine's
/// memory, or less if its control group (version 1 or 2) or one of the ancestors is limited.
/// `root` is prepended to the paths that are read.
[[nodiscard]] std::size_t available_memory(const std::string& root = "");

/// How near the process is to its memory limit.
enum class memory_pressure : std::uint8_t {
  none,
  high,    ///< above the limit: new connections are refused
  extreme, ///< above the limit and an eighth: memory held for slow readers is released
};
[[nodiscard]] memory_pressure pressure_of(std::size_t resident, std::size_t limit);

/// Returns the limit for `auto`: three quarters of the available memory.
[[nodiscard]] std::size_t automatic_limit(std::size_t available);

} // namespace hubbub
