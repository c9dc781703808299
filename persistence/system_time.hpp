#pragma once

#include "proto/ids.hpp"

#include <chrono>

namespace hubbub {

/// Returns the wall clock's time, for a start or a tool; all other code takes the time as an
/// argument.
[[nodiscard]] inline timestamp system_time() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return timestamp{std::chrono::duration_cast<std::chrono::milliseconds>(now).count()};
}

} // namespace hubbub
