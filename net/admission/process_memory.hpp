#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace hubbub {

/// Resident memory of this process in bytes; 0 where the system does not tell.
[[nodiscard]] std::size_t resident_memory();

/// What this process may use before the kernel ends it: the machine's memory, or what its
/// control group (version 1 or 2) and those above it leave of that. `root` is put in front of
/// the paths that are read.
[[nodiscard]] std::size_t available_memory(const std::string& root = "");

/// How near the process is to what it may use.
enum class memory_pressure : std::uint8_t {
  none,
  high,    ///< past the limit: nothing new is let in
  extreme, ///< past the limit and an eighth: what is held for slow readers goes
};
[[nodiscard]] memory_pressure pressure_of(std::size_t resident, std::size_t limit);

/// The limit for `auto`: three quarters of what is available.
[[nodiscard]] std::size_t automatic_limit(std::size_t available);

} // namespace hubbub
