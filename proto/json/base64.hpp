#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace hubbub {

/// Appends `bytes` in base64 (RFC 4648) with padding.
void append_base64(std::string& out, std::string_view bytes);

/// Decodes base64 strictly: only digits of the standard alphabet, nothing between them, no bits
/// left over. The padding may be missing. Returns nothing for any other text.
[[nodiscard]] std::optional<std::string> decode_base64(std::string_view text);

/// Appends `bytes` in the alphabet for URLs and tokens (RFC 4648, section 5), without padding.
void append_base64url(std::string& out, std::string_view bytes);

/// Decodes base64url strictly: only digits of that alphabet, no padding, no bits left over.
/// Returns nothing for any other text.
[[nodiscard]] std::optional<std::string> decode_base64url(std::string_view text);

} // namespace hubbub
