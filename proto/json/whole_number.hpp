#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace hubbub {

/// The whole number that a text spells as JSON writes numbers: `605`, `605.0` and `6.05e2` are
/// the same. Leading zeros are let pass. Empty where the text is no number, has a fraction or
/// does not fit. It is exact: nothing passes through a floating-point number.
[[nodiscard]] std::optional<std::int64_t> parse_integral(std::string_view text);

} // namespace hubbub
