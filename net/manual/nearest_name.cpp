#include "net/manual/nearest_name.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace hubbub {
namespace {

/// Returns how many letters were left out, added, mistaken or swapped with their neighbour.
std::size_t typing_errors(std::string_view from, std::string_view to) {
  std::vector<std::size_t> before_last;
  std::vector<std::size_t> last(to.size() + 1);
  for (std::size_t j = 0; j <= to.size(); ++j)
    last[j] = j;
  for (std::size_t i = 1; i <= from.size(); ++i) {
    std::vector<std::size_t> row(to.size() + 1, i);
    for (std::size_t j = 1; j <= to.size(); ++j) {
      const std::size_t mistaken = from[i - 1] == to[j - 1] ? 0 : 1;
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + mistaken});
      const bool swapped =
          i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1];
      if (swapped) row[j] = std::min(row[j], before_last[j - 2] + 1);
    }
    before_last = std::exchange(last, std::move(row));
  }
  return last[to.size()];
}

/// Longer words are not typing errors, and comparing them takes time.
constexpr std::size_t longest_word = 100;

} // namespace

std::string did_you_mean(std::string_view mistyped, const std::vector<std::string>& names) {
  if (mistyped.size() > longest_word) return {};
  // One error in four letters is likely, three in a row are another word.
  std::size_t fewest = 1 + mistyped.size() / 4;
  const std::string* nearest = nullptr;
  for (const auto& name : names) {
    const auto errors = typing_errors(mistyped, name);
    if (errors > fewest || (nearest != nullptr && errors == fewest)) continue;
    fewest = errors;
    nearest = &name;
  }
  return nearest == nullptr ? std::string{} : "; did you mean " + *nearest + "?";
}

} // namespace hubbub
