#pragma once

#include <chrono>
#include <cstdint>

namespace hubbub {

/// Returns how long one of many waits before it tries again: between a half of `usual` and one
/// and a half. Those that failed together get different pauses, spread evenly, so that what
/// works again is not asked by all of them in one moment, and nobody gets the same one each
/// time. `who` and the time decide it.
[[nodiscard]] inline std::chrono::milliseconds
retry_pause(std::chrono::milliseconds usual, std::int64_t who,
            std::chrono::steady_clock::time_point now) {
  // The last steps of splitmix64, after which neighbours are far from each other.
  auto mixed = static_cast<std::uint64_t>(who) * 0x9e3779b97f4a7c15U +
               static_cast<std::uint64_t>(now.time_since_epoch().count());
  mixed = (mixed ^ (mixed >> 30U)) * 0xbf58476d1ce4e5b9U;
  mixed = (mixed ^ (mixed >> 27U)) * 0x94d049bb133111ebU;
  mixed ^= mixed >> 31U;
  const auto span = static_cast<std::uint64_t>(usual.count()) + 1;
  return usual / 2 + std::chrono::milliseconds{static_cast<std::int64_t>(mixed % span)};
}

} // namespace hubbub
