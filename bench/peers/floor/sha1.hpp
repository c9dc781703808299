#pragma once

#include <array>
#include <cstdint>
#include <string>

namespace hubbub::floor {

/// Computes SHA-1 (FIPS 180-4), which the WebSocket handshake needs as a checksum.
[[nodiscard]] std::array<std::uint8_t, 20> sha1(std::string bytes);

} // namespace hubbub::floor
