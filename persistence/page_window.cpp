#include "persistence/page_window.hpp"

#include <algorithm>
#include <iterator>

namespace hubbub {

namespace {

constexpr auto most = std::numeric_limits<std::int64_t>::max();

} // namespace

page_window window_of(const message_range& range) {
  page_window part;
  // Numbers start at 1; anything beyond either end is cut off before it is used in arithmetic.
  if (range.after) part.first = std::clamp<std::int64_t>(range.after->value, 0, most - 1) + 1;
  if (range.before) part.last = std::max<std::int64_t>(range.before->value, 1) - 1;
  if (range.up_to)
    part.last = std::min(part.last, std::max<std::int64_t>(range.up_to->value, 0));
  part.limit = std::clamp<std::int64_t>(range.limit, 0, most - 1);
  part.newest_first = !range.after;
  return part;
}

std::pair<page_window, page_window> around(const page_window& whole, sequence middle) {
  const auto at = std::clamp<std::int64_t>(middle.value, 1, most);
  auto older = whole;
  older.last = std::min(whole.last, at - 1);
  older.newest_first = true;
  auto newer = whole;
  newer.first = std::max(whole.first, at);
  newer.newest_first = false;
  return {older, newer};
}

message_page join_around(message_page before, message_page page, std::int64_t limit) {
  const auto there_before = std::ssize(before.messages);
  const auto there_after = std::ssize(page.messages);
  const auto half = std::max<std::int64_t>(limit - 1, 0) / 2;
  const auto take_before = std::min(there_before, std::max(half, limit - there_after));
  const auto take_after = std::min(there_after, limit - take_before);
  page.has_more = page.has_more || take_after < there_after;
  page.has_more_before = before.has_more || take_before < there_before;
  page.messages.resize(static_cast<std::size_t>(take_after));
  const auto oldest_taken = std::make_reverse_iterator(before.messages.begin() + take_before);
  page.messages.insert(page.messages.begin(), std::make_move_iterator(oldest_taken),
                       std::make_move_iterator(before.messages.rend()));
  return page;
}

} // namespace hubbub
