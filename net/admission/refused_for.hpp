#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace hubbub {

/// Why a connection was refused. Each reason is counted.
enum class refused_for : std::uint8_t {
  connections, ///< the greatest number is open already
  address,     ///< the greatest number from this client's address is open already
  rate,        ///< too many came at once
  memory,      ///< the process is at its memory limit
  descriptors, ///< no descriptor is left
};
constexpr std::size_t refusal_count = 5;

/// Returns the reason's word in the label of the metrics.
constexpr std::string_view to_string(refused_for why) {
  constexpr std::array<std::string_view, refusal_count> words{"connections", "address", "rate",
                                                              "memory", "descriptors"};
  return words[static_cast<std::size_t>(why)];
}

} // namespace hubbub
