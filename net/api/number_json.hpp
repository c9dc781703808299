#pragma once

#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <string>

namespace hubbub {

/// Writes a number as JSON: exactly if it is whole and a double holds it exactly, else with six
/// digits. What is no number, or infinite, becomes null.
[[nodiscard]] inline std::string number_json(double number) {
  constexpr double exact = 9'007'199'254'740'992; // 2^53
  constexpr int digits = 6;
  if (!std::isfinite(number)) return "null";
  if (std::abs(number) <= exact && std::trunc(number) == number)
    return std::to_string(static_cast<std::int64_t>(number));
  std::array<char, 32> text{};
  const auto written = std::to_chars(text.data(), text.data() + text.size(), number,
                                     std::chars_format::general, digits);
  return {text.data(), written.ptr};
}

} // namespace hubbub
