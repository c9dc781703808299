#pragma once

#include <array>
#include <cstdint>
#include <string>

namespace hubbub::floor {

/// FIPS 180-4; the WebSocket handshake wants it, as a checksum.
[[nodiscard]] std::array<std::uint8_t, 20> sha1(std::string bytes);

} // namespace hubbub::floor
