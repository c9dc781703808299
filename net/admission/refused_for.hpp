#pragma once

#include "proto/enum_count.hpp"

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
/// Returns the reason's word in the label of the metrics.
[[nodiscard]] constexpr std::string_view to_string(refused_for why) {
  switch (why) {
  case refused_for::connections: return "connections";
  case refused_for::address: return "address";
  case refused_for::rate: return "rate";
  case refused_for::memory: return "memory";
  case refused_for::descriptors: return "descriptors";
  }
  return {};
}
inline constexpr auto refusal_count = enum_count<refused_for>();

} // namespace hubbub
