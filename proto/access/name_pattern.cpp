#include "proto/access/name_pattern.hpp"

#include <cstddef>

namespace hubbub {

bool matches_pattern(std::string_view pattern, std::string_view name) {
  std::size_t at = 0;
  std::size_t seen = 0;
  // The place of the latest star, and how much of the name it has matched so far.
  auto star = std::string_view::npos;
  std::size_t swallowed = 0;
  while (seen < name.size()) {
    if (at < pattern.size() && pattern[at] == '*') {
      star = at++;
      swallowed = seen;
    } else if (at < pattern.size() && pattern[at] == name[seen]) {
      ++at;
      ++seen;
    } else if (star != std::string_view::npos) {
      at = star + 1;
      seen = ++swallowed;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', at) == std::string_view::npos;
}

} // namespace hubbub
