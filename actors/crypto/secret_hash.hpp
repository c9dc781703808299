#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace hubbub {

using hash_256 = std::array<std::uint8_t, 32>;

[[nodiscard]] hash_256 sha256(std::string_view bytes);
/// Computes HMAC-SHA-256.
[[nodiscard]] hash_256 hmac_sha256(std::string_view secret, std::string_view bytes);
/// Compares in a time that does not depend on the bytes; texts of different lengths are not
/// equal.
[[nodiscard]] bool equal_in_constant_time(std::string_view one, std::string_view other);
[[nodiscard]] std::string_view as_bytes(const hash_256& hash);

} // namespace hubbub
