#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace hubbub {

/// Parses a whole number in any notation of JSON: `605`, `605.0` and `6.05e2` are the same.
/// Leading zeros are allowed. Returns nothing if the text is not a number, has a fraction or
/// does not fit. The result is exact: no floating-point number is involved.
[[nodiscard]] std::optional<std::int64_t> parse_integral(std::string_view text);

} // namespace hubbub
