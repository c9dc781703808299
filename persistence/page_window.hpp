#pragma once

#include "persistence/store.hpp"

#include <cstdint>
#include <limits>
#include <utility>

namespace hubbub {

/// The bounds of a `message_range`: `first`..`last` inclusive, walked from one end. Empty if
/// `first` is above `last`.
struct page_window {
  std::int64_t first = 1;
  std::int64_t last = std::numeric_limits<std::int64_t>::max();
  std::int64_t limit = 0;
  bool newest_first = false;
};
[[nodiscard]] page_window window_of(const message_range& range);

/// Returns the two walks, away from a message, that make a page around it: the older side, and
/// the newer side, which includes the message itself.
[[nodiscard]] std::pair<page_window, page_window> around(const page_window& whole,
                                                         sequence middle);
/// Combines the results of the two walks into one page. Each walk was read as if the other side
/// were empty; where both are long, each is cut to half of the page.
[[nodiscard]] message_page join_around(message_page before, message_page page,
                                       std::int64_t limit);

} // namespace hubbub
