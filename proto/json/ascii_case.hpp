#pragma once

#include <algorithm>
#include <string>
#include <string_view>

namespace hubbub {

/// Returns an ASCII letter in lower case, and any other byte unchanged.
[[nodiscard]] constexpr char lower_case(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

/// Returns a text with its ASCII letters in lower case.
[[nodiscard]] inline std::string lower_case(std::string_view text) {
  std::string lower{text};
  for (auto& c : lower)
    c = lower_case(c);
  return lower;
}

/// True if the texts differ at most in the case of ASCII letters, which HTTP allows for its
/// keywords. It replaces Beast's `iequals` (1.81), which reads one byte past the end of equal
/// texts.
[[nodiscard]] constexpr bool equal_in_any_case(std::string_view one, std::string_view other) {
  constexpr auto lower = [](char c) { return lower_case(c); };
  return std::ranges::equal(one, other, {}, lower, lower);
}

} // namespace hubbub
