#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace hubbub {

/// Why a connection was not let in. Each is counted.
enum class refused_for : std::uint8_t {
  connections, ///< there are as many as may be
  address,     ///< of this client's address
  rate,        ///< too many came at once
  memory,      ///< the process holds as much as it may
  descriptors, ///< none is left
};
constexpr std::size_t refusal_count = 5;

/// The word of the metrics' label.
constexpr std::string_view to_string(refused_for why) {
  constexpr std::array<std::string_view, refusal_count> words{"connections", "address", "rate",
                                                              "memory", "descriptors"};
  return words[static_cast<std::size_t>(why)];
}

} // namespace hubbub
