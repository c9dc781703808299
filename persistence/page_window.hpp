#pragma once

#include "persistence/store.hpp"

#include <cstdint>
#include <limits>
#include <utility>

namespace hubbub {

/// A `message_range` made plain: `first`..`last` inclusive, walked from one end. Empty where
/// `first` is above `last`.
struct page_window {
  std::int64_t first = 1;
  std::int64_t last = std::numeric_limits<std::int64_t>::max();
  std::int64_t limit = 0;
  bool newest_first = false;
};
[[nodiscard]] page_window window_of(const message_range& range);

/// The two walks, away from a message, that make a page around it: the older side and the newer
/// one, which has the message itself.
[[nodiscard]] std::pair<page_window, page_window> around(const page_window& whole,
                                                         sequence middle);
/// Makes one page of what the two walks found, each of which was read as if the other side were
/// empty: each gives way to half of the other.
[[nodiscard]] message_page join_around(message_page before, message_page page,
                                       std::int64_t limit);

} // namespace hubbub
