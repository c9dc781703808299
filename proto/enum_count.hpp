#pragma once

#include <cstddef>

namespace hubbub {

/// Counts the values of an enumeration: those from 0 on for which `to_string` has a word.
///
/// Write that `to_string` as a constexpr switch without a `default`, and return an empty text
/// after it. A value that is added without a word does not compile then (-Wswitch), and every
/// array that has this count as its size grows with the enumeration.
template <class Enum>
[[nodiscard]] constexpr std::size_t enum_count() {
  std::size_t count = 0;
  while (!to_string(static_cast<Enum>(count)).empty())
    ++count;
  return count;
}

} // namespace hubbub
