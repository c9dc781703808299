#include "persistence/sqlite/sqlite_posting_pages.hpp"

#include <algorithm>
#include <utility>

namespace hubbub {

namespace {

constexpr std::int64_t totals_record = 1;
constexpr std::int64_t structure_record = 10;
constexpr unsigned segment_shift = 37;
/// Marks the words of the index itself; other marks belong to indexes of beginnings.
constexpr char main_index = '0';
constexpr std::size_t padding = 32; // a row's number and size have 18 bytes at most
constexpr std::size_t cookie = 4;
// FTS5 makes the number of a row of 16 bits for the segment and 31 for the page.
constexpr std::int64_t largest_segment = (1LL << 16) - 1;
constexpr std::int64_t largest_page = (1LL << 31) - 1;
/// Begins the second version of the structure, which only tables without content have.
constexpr std::uint8_t other_structure = 0xff;

std::span<const std::uint8_t> bytes_of(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

std::size_t word_at(const std::vector<std::uint8_t>& bytes, std::size_t at) {
  return std::size_t{bytes[at]} << 8U | bytes[at + 1];
}

/// Reads numbers from a record, up to its end.
class number_reader {
 public:
  number_reader(const std::vector<std::uint8_t>& bytes, std::size_t begin)
      : at_(bytes.data() + begin), end_(bytes.data() + bytes.size() - padding) {}
  [[nodiscard]] bool is_at_end() const { return at_ >= end_; }
  std::int64_t next() {
    if (is_at_end()) {
      is_short_ = true;
      return 0;
    }
    const auto number = read_posting_number(at_);
    at_ = number.next;
    return static_cast<std::int64_t>(number.value);
  }
  [[nodiscard]] bool is_short() const { return is_short_; }

 private:
  const std::uint8_t* at_;
  const std::uint8_t* end_;
  bool is_short_ = false;
};

} // namespace

sqlite_posting_pages::sqlite_posting_pages(const sqlite::database& db, const std::string& table)
    : read_sql_("SELECT block FROM " + table + "_data WHERE id = ?"),
      before_sql_("SELECT pgno >> 1 FROM " + table +
                  "_idx WHERE segid = ? AND term <= ? ORDER BY term DESC LIMIT 1"),
      after_sql_("SELECT pgno >> 1 FROM " + table +
                 "_idx WHERE segid = ? AND term > ? ORDER BY term LIMIT 1"),
      length_sql_("SELECT sz FROM " + table + "_docsize WHERE id = ?"), read_(db, read_sql_),
      before_(db, before_sql_), after_(db, after_sql_), length_(db, length_sql_) {}

void sqlite_posting_pages::start() {
  unreadable_ = false;
  failure_.reset();
}

std::vector<std::uint8_t> sqlite_posting_pages::record(std::int64_t number) {
  std::vector<std::uint8_t> bytes;
  auto found = read_.query(number);
  const auto row = found.next();
  if (!row) {
    failure_ = row.error();
    return bytes;
  }
  if (!*row) {
    give_up();
    return bytes;
  }
  const auto stored = found.blob(0);
  bytes.resize(stored.size() + padding);
  std::ranges::copy(stored, bytes.begin());
  return bytes;
}

std::vector<posting_segment> sqlite_posting_pages::segments() {
  std::vector<posting_segment> all;
  const auto bytes = record(structure_record);
  if (has_failed()) return all;
  if (bytes.size() < cookie + padding || bytes[cookie] == other_structure) {
    give_up();
    return all;
  }
  number_reader numbers{bytes, cookie};
  const auto levels = numbers.next();
  numbers.next(); // the number of segments
  numbers.next(); // the counter of writes
  for (std::int64_t level = 0; level < levels && !numbers.is_short(); ++level) {
    numbers.next(); // the number of segments that are being merged
    const auto count = numbers.next();
    const auto first_of_level = std::ssize(all);
    for (std::int64_t i = 0; i < count && !numbers.is_short(); ++i) {
      posting_segment each;
      each.id = numbers.next();
      each.first_page = numbers.next();
      each.last_page = numbers.next();
      if (each.id < 0 || each.id > largest_segment || each.first_page < 0 ||
          each.last_page < 0 || each.last_page > largest_page ||
          (each.first_page > 0 && each.last_page < each.first_page)) {
        give_up();
        return all;
      }
      if (each.first_page > 0) all.push_back(each); // otherwise it was merged completely
    }
    std::reverse(all.begin() + first_of_level, all.end());
  }
  if (numbers.is_short()) give_up();
  return all;
}

sqlite_posting_pages::totals sqlite_posting_pages::read_totals() {
  const auto bytes = record(totals_record);
  if (has_failed()) return {};
  number_reader numbers{bytes, 0};
  totals all;
  all.rows = numbers.next();
  all.words = numbers.next();
  if (numbers.is_short()) give_up();
  return all;
}

std::int64_t sqlite_posting_pages::length_of(std::int64_t row_number) {
  auto found = length_.query(row_number);
  const auto row = found.next();
  if (!row) {
    failure_ = row.error();
    return 0;
  }
  const auto stored = *row ? found.blob(0) : std::span<const std::uint8_t>{};
  std::vector<std::uint8_t> bytes(stored.size() + padding);
  std::ranges::copy(stored, bytes.begin());
  number_reader numbers{bytes, 0};
  const auto length = numbers.next();
  if (numbers.is_short()) give_up();
  return length;
}

bool sqlite_posting_pages::load(std::int64_t segment, std::int64_t number, posting_page& page) {
  auto found = read_.query((segment << segment_shift) + number);
  const auto row = found.next();
  if (!row) failure_ = row.error();
  if (!row || !*row) {
    give_up();
    return false;
  }
  const auto stored = found.blob(0);
  if (stored.size() < posting_page::header) {
    give_up();
    return false;
  }
  page.size = stored.size();
  page.bytes.resize(page.size + padding);
  std::ranges::copy(stored, page.bytes.begin());
  std::fill(page.bytes.begin() + static_cast<std::ptrdiff_t>(page.size), page.bytes.end(),
            std::uint8_t{0});
  page.first_row = word_at(page.bytes, 0);
  page.end = word_at(page.bytes, 2);
  if (page.end < posting_page::header || page.end > page.size || page.first_row >= page.size) {
    give_up();
    return false;
  }
  page.first_word = page.end;
  if (page.end < page.size) page.first_word = read_posting_number(&page.bytes[page.end]).value;
  if (page.end < page.size &&
      (page.first_word < posting_page::header || page.first_word >= page.end)) {
    give_up();
    return false;
  }
  return true;
}

std::optional<std::int64_t> sqlite_posting_pages::look_up(sqlite::statement& which,
                                                          std::int64_t segment,
                                                          std::string_view word) {
  auto found = which.query(segment, bytes_of(word));
  const auto row = found.next();
  if (!row) failure_ = row.error();
  if (!row || !*row) return std::nullopt;
  return found.integer(0);
}

void sqlite_posting_pages::find(const posting_segment& segment, std::string_view word,
                                bool is_beginning, std::vector<posting_place>& places) {
  const auto key = std::string{main_index}.append(word);
  auto number = std::max(look_up(before_, segment.id, key).value_or(0), segment.first_page);
  while (!has_failed()) {
    const auto known = places.size();
    const auto last = find_on_page(segment, number, key, is_beginning, places);
    if (has_failed()) return;
    // A word at the end of its page may have rows on the pages after it.
    const bool is_open = places.size() > known && places.back().last_page == 0;
    if (!last && !is_open) return;
    const auto next = look_up(after_, segment.id, last ? *last : places.back().word);
    // Pages and their words rise together; otherwise the walk might never end.
    if (next && *next <= number) return give_up();
    if (is_open) places.back().last_page = next.value_or(segment.last_page);
    if (!last || !is_beginning || !next) return;
    number = *next;
  }
}

std::optional<std::string>
sqlite_posting_pages::find_on_page(const posting_segment& segment, std::int64_t number,
                                   std::string_view word, bool is_beginning,
                                   std::vector<posting_place>& places) {
  if (!load(segment.id, number, page_)) return std::nullopt;
  const auto* bytes = page_.bytes.data();
  std::string current;
  std::size_t at = 0;
  std::size_t footer = page_.end;
  while (footer < page_.size) {
    const auto step = read_posting_number(bytes + footer);
    footer = static_cast<std::size_t>(step.next - bytes);
    const bool is_first = at == 0;
    at += step.value;
    const bool is_last = footer >= page_.size;
    const auto next = is_last ? page_.end : at + read_posting_number(bytes + footer).value;
    if (step.value > page_.end || at >= page_.end || next > page_.end)
      return give_up(), std::nullopt;
    auto kept = posting_number{0, bytes + at};
    if (!is_first) kept = read_posting_number(kept.next);
    const auto added = read_posting_number(kept.next);
    const auto begin = static_cast<std::size_t>(added.next - bytes);
    if (kept.value > current.size() || added.value == 0 || added.value > page_.end ||
        begin + added.value > page_.end)
      return give_up(), std::nullopt;
    current.resize(kept.value);
    current.append(reinterpret_cast<const char*>(added.next), added.value);
    const bool matches = is_beginning ? current.starts_with(word) : current == word;
    if (matches) {
      places.push_back({.word = current,
                        .segment = segment.id,
                        .first_page = number,
                        .last_page = is_last ? 0 : number,
                        .begin = begin + added.value,
                        .end = next});
      if (places.size() > most_places) return give_up(), std::nullopt;
      if (!is_beginning) return std::nullopt;
    } else if (current > word) {
      return std::nullopt;
    }
  }
  return current;
}

} // namespace hubbub
