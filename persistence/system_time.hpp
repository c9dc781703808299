#pragma once

#include "proto/ids.hpp"

#include <chrono>

namespace hubbub {

/// The wall clock, for what happens at a start or in a tool; all else takes the time as an
/// argument.
[[nodiscard]] inline timestamp system_time() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return timestamp{std::chrono::duration_cast<std::chrono::milliseconds>(now).count()};
}

} // namespace hubbub
