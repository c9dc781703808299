#pragma once

#include "persistence/store.hpp"

#include <algorithm>
#include <cstdint>
#include <limits>

namespace hubbub {

/// A `message_range` made plain: `first`..`last` inclusive, walked from one end. Empty where
/// `first` is above `last`.
struct message_window {
  std::int64_t first = 1;
  std::int64_t last = std::numeric_limits<std::int64_t>::max();
  std::int64_t limit = 0;
  bool newest_first = false;
};

[[nodiscard]] inline message_window window_of(const message_range& range) {
  message_window window;
  // Numbers start at 1; whatever lies beyond either end is cut off before it is counted with.
  constexpr auto most = std::numeric_limits<std::int64_t>::max() - 1;
  if (range.after) window.first = std::clamp<std::int64_t>(range.after->value, 0, most) + 1;
  if (range.before) window.last = std::max<std::int64_t>(range.before->value, 1) - 1;
  if (range.up_to)
    window.last = std::min(window.last, std::max<std::int64_t>(range.up_to->value, 0));
  window.limit = std::clamp<std::int64_t>(range.limit, 0, most);
  window.newest_first = !range.after;
  return window;
}

} // namespace hubbub
