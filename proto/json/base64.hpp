#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace hubbub {

/// Appends RFC 4648 base64 with padding.
void append_base64(std::string& out, std::string_view bytes);

/// Strict: the standard alphabet, nothing between the digits, no bits left over. The padding
/// may be missing. Empty for anything else.
[[nodiscard]] std::optional<std::string> decode_base64(std::string_view text);

/// The alphabet of URLs and tokens (RFC 4648, section 5), without padding.
void append_base64url(std::string& out, std::string_view bytes);

/// Strict: that alphabet alone, no padding, no bits left over. Empty for anything else.
[[nodiscard]] std::optional<std::string> decode_base64url(std::string_view text);

} // namespace hubbub
