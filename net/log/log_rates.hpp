#pragma once

#include "net/log/log_event.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace hubbub {

/// Bounds how many lines of each kind one thread writes, so that whoever causes them cannot
/// flood the log.
class log_rates {
 public:
  using time_point = std::chrono::steady_clock::time_point;

  /// Takes a line. Returns how many of its kind were left out since the last one, or nothing if
  /// this one must be left out as well.
  [[nodiscard]] std::optional<std::uint64_t> take(log_event event, time_point now) {
    const auto rate = static_cast<double>(kind_of(event).a_minute);
    if (rate == 0) return 0;
    auto& kind = kinds_[static_cast<std::size_t>(event)];
    if (kind.used > 0) {
      const std::chrono::duration<double> passed = now - kind.at;
      kind.used = std::max(0.0, kind.used - passed.count() * rate / 60);
    }
    kind.at = now;
    if (kind.used > rate - 1) {
      ++kind.left_out;
      return std::nullopt;
    }
    kind.used += 1;
    const auto before = kind.left_out;
    kind.left_out = 0;
    return before;
  }

 private:
  struct used_up {
    double used = 0; ///< lines that still count against the rate
    time_point at{};
    std::uint64_t left_out = 0;
  };
  std::array<used_up, log_event_count> kinds_{};
};

} // namespace hubbub
