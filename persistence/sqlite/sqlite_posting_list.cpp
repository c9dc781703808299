#include "persistence/sqlite/sqlite_posting_list.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace hubbub {

namespace {

/// Begins the positions of another column than the first, in place of a position.
constexpr std::uint8_t column_mark = 1;
/// What is added to each distance between positions, so that none is a mark.
constexpr std::uint64_t position_base = 2;
/// Greater numbers show damage.
constexpr std::uint64_t most_bytes = 1U << 30U;
constexpr std::uint64_t most_rows = std::uint64_t{1} << 53U;

/// Returns where the next mark is, or the end.
const std::uint8_t* next_mark(const std::uint8_t* at, const std::uint8_t* end) {
  // Every number ends with a byte below 0x80; a mark is a number of one byte.
  for (bool begins = true; at != end; ++at) {
    if (begins && *at == column_mark) return at;
    begins = *at < 0x80;
  }
  return end;
}

/// Decodes a number within bounds; `end` follows it if it is cut off.
posting_number read_within(const std::uint8_t* at, const std::uint8_t* end) {
  std::uint64_t value = 0;
  for (int i = 0; at != end && i < 8; ++i) {
    const auto byte = *at++;
    value = (value << 7U) | (byte & 0x7fU);
    if (byte < 0x80) break;
  }
  return {value, at};
}

} // namespace

std::size_t posting_list::first_row(std::int64_t number) const {
  if (number == place_.first_page) return std::min(place_.begin, page_.end);
  return page_.first_row == 0 ? page_.end : page_.first_row;
}

std::size_t posting_list::end_of_list(std::int64_t number) const {
  if (number == place_.first_page) return std::min(place_.end, page_.end);
  return page_.first_word;
}

std::int64_t posting_list::load_with_row(std::int64_t number, std::int64_t first) {
  for (; number >= first; --number) {
    if (!pages_.load(place_.segment, number, page_)) return first - 1;
    if (first_row(number) < end_of_list(number)) return number;
  }
  return number;
}

bool posting_list::go_back(std::int64_t bound) {
  const auto is_within = [&](std::int64_t number) {
    const auto first = read_posting_number(&page_.bytes[first_row(number)]).value;
    return first <= static_cast<std::uint64_t>(bound);
  };
  // Steps back further and further, then bisects: a list that has few rows in common with
  // another one is not read in full.
  const auto first = place_.first_page;
  std::int64_t found = first - 1; // the last page that is known to begin within the bound
  std::int64_t below = found;     // no page up to this one and after `found` has a row
  auto above = number_;           // this page and those after it begin above the bound
  std::int64_t loaded = found;
  for (std::int64_t step = 1; above > first && below < first; step *= 2) {
    const auto probe = std::max(above - step, first);
    loaded = load_with_row(probe, first);
    if (pages_.has_failed()) return false;
    if (loaded >= first && !is_within(loaded)) {
      above = loaded;
      continue;
    }
    found = loaded;
    below = probe;
  }
  while (above - below > 1 && above > first) {
    const auto middle = below + (above - below) / 2;
    loaded = load_with_row(middle, below + 1);
    if (pages_.has_failed()) return false;
    if (loaded > below && !is_within(loaded)) {
      above = loaded;
      continue;
    }
    if (loaded > below) found = loaded;
    below = middle;
  }
  if (found < first) return false;
  if (loaded != found && !pages_.load(place_.segment, found, page_)) return false;
  number_ = found;
  decode();
  return !pages_.has_failed();
}

void posting_list::decode() {
  rows_.clear();
  spots_.clear();
  const auto* bytes = page_.bytes.data();
  const auto* at = bytes + first_row(number_);
  const auto* end = bytes + end_of_list(number_);
  std::int64_t row = 0;
  while (at < end) {
    const auto step = read_posting_number(at);
    const auto size = read_posting_number(step.next);
    const auto count = size.value >> 1U; // the lowest bit concerns merges alone
    if (count > most_bytes || step.value > most_rows) return pages_.give_up();
    row += static_cast<std::int64_t>(step.value);
    if (static_cast<std::uint64_t>(row) > most_rows) return pages_.give_up();
    rows_.push_back(row);
    spots_.push_back(
        {static_cast<std::uint32_t>(size.next - bytes), static_cast<std::uint32_t>(count)});
    // The positions of the last row may go on on the next page.
    if (static_cast<std::ptrdiff_t>(count) >= end - size.next) break;
    at = size.next + count;
  }
  left_ = rows_.size();
  if (rows_.empty()) pages_.give_up();
}

bool posting_list::seek(std::int64_t bound) {
  for (;;) {
    if (left_ > 0 && rows_[left_ - 1] <= bound) return true;
    if (left_ > 0 && rows_.front() <= bound) {
      // Most steps are short.
      std::size_t reach = 1;
      while (reach < left_ && rows_[left_ - 1 - reach] > bound)
        reach *= 2;
      const auto from =
          rows_.begin() + static_cast<std::ptrdiff_t>(left_ - std::min(reach + 1, left_));
      const auto to = rows_.begin() + static_cast<std::ptrdiff_t>(left_);
      left_ = static_cast<std::size_t>(std::upper_bound(from, to, bound) - rows_.begin());
      return true;
    }
    left_ = 0;
    if (number_ <= place_.first_page || !go_back(bound)) return false;
  }
}

std::span<const std::uint8_t> posting_list::positions() {
  const auto& place = spots_[left_ - 1];
  if (std::size_t{place.begin} + place.size <= page_.end)
    return {page_.bytes.data() + place.begin, place.size};
  gathered_.assign(page_.bytes.begin() + static_cast<std::ptrdiff_t>(
                                             std::min<std::size_t>(place.begin, page_.end)),
                   page_.bytes.begin() + static_cast<std::ptrdiff_t>(page_.end));
  posting_page next;
  for (auto number = number_ + 1; gathered_.size() < place.size; ++number) {
    if (number > place_.last_page) {
      pages_.give_up();
      return {};
    }
    if (!pages_.load(place_.segment, number, next)) return {};
    const auto end =
        next.first_row == 0 ? next.first_word : std::min(next.first_row, next.first_word);
    const auto count = std::min(end - posting_page::header, place.size - gathered_.size());
    if (end < posting_page::header) {
      pages_.give_up();
      return {};
    }
    gathered_.insert(gathered_.end(), next.bytes.begin() + posting_page::header,
                     next.bytes.begin() +
                         static_cast<std::ptrdiff_t>(posting_page::header + count));
  }
  return gathered_;
}

word_rows::word_rows(sqlite_posting_pages& pages, const std::vector<posting_segment>& segments,
                     std::string_view word, bool is_beginning, posting_column column)
    : pages_(pages), column_(column) {
  std::vector<posting_place> places;
  for (const auto& each : segments)
    pages.find(each, word, is_beginning, places);
  // Keeps the segments of each word in their order.
  std::ranges::stable_sort(places, {}, &posting_place::word);
  sources_.reserve(places.size());
  std::size_t number = 0;
  for (std::size_t i = 0; i < places.size(); ++i) {
    if (i > 0 && places[i].word != places[i - 1].word) ++number;
    sources_.push_back({posting_list{pages, places[i]}, number});
  }
}

std::int64_t word_rows::pages() const {
  std::int64_t all = 0;
  for (const auto& each : sources_)
    all += each.list.pages();
  return all;
}

void word_rows::advance(source& which, std::int64_t bound) {
  which.row = which.list.seek(bound) ? which.list.row() : ended;
}

void word_rows::advance_all(std::int64_t bound) {
  const bool is_first = !std::exchange(is_started_, true);
  std::int64_t greatest = ended;
  second_ = ended;
  for (std::size_t i = 0; i < sources_.size(); ++i) {
    auto& each = sources_[i];
    if (is_first || each.row > bound) advance(each, bound);
    if (each.row > greatest) {
      second_ = std::exchange(greatest, each.row);
      newest_ = i;
    } else {
      second_ = std::max(second_, each.row);
    }
  }
}

bool word_rows::seek(std::int64_t bound) {
  if (row_ != ended && row_ <= bound) return true;
  for (; bound >= 0; bound = row_ - 1) {
    if (!is_started_ || second_ > bound) {
      advance_all(bound);
    } else if (!sources_.empty()) {
      auto& newest = sources_[newest_];
      if (newest.row > bound) advance(newest, bound);
      if (newest.row < second_) advance_all(bound);
    }
    row_ = sources_.empty() ? ended : sources_[newest_].row;
    if (row_ == ended || pages_.has_failed()) break;
    bool is_there = false;
    visit_positions([&](std::span<const std::uint8_t> positions) {
      is_there = is_there || !positions.empty();
    });
    if (is_there) return true;
  }
  row_ = ended;
  return false;
}

template <class Visit>
void word_rows::visit_positions(const Visit& visit) {
  if (second_ < row_) return visit(of_column(sources_[newest_].list.positions()));
  // The newest segment that knows the row is right about each word.
  auto decided = sources_.size();
  for (auto& each : sources_) {
    if (each.row != row_ || each.word == decided) continue;
    decided = each.word;
    visit(of_column(each.list.positions()));
  }
}

std::span<const std::uint8_t>
word_rows::of_column(std::span<const std::uint8_t> positions) const {
  const auto* at = positions.data();
  const auto* end = at + positions.size();
  if (column_ == posting_column::content) return {at, next_mark(at, end)};
  while ((at = next_mark(at, end)) != end) {
    const auto column = read_within(at + 1, end);
    at = column.next;
    if (column.value == static_cast<std::uint64_t>(column_)) return {at, next_mark(at, end)};
  }
  return {};
}

std::int64_t word_rows::count() {
  std::int64_t all = 0;
  visit_positions([&](std::span<const std::uint8_t> positions) {
    all += std::ranges::count_if(positions, [](std::uint8_t byte) { return byte < 0x80; });
  });
  return all;
}

void word_rows::positions(std::vector<std::uint64_t>& places) {
  places.clear();
  visit_positions([&](std::span<const std::uint8_t> positions) {
    std::uint64_t place = 0;
    const auto* at = positions.data();
    const auto* end = at + positions.size();
    while (at != end) {
      const auto distance = read_within(at, end);
      at = distance.next;
      place += distance.value - position_base;
      places.push_back(place);
    }
  });
  if (!std::ranges::is_sorted(places)) std::ranges::sort(places);
}

} // namespace hubbub
