#include "persistence/sqlite/sqlite_search_merges.hpp"

namespace hubbub {

namespace {

// Measured to keep about ten pieces: one page of merging for this much text, and one for every
// transaction, however little it wrote. Long texts of Chinese, whose index is three times as
// large as they are, have been seen to keep seventy to ninety.
constexpr std::int64_t bytes_a_page = 1'000;
// Small pieces are merged many at a time, which is cheaper.
constexpr std::int64_t pages_at_once = 32;

} // namespace

sqlite_search_merges::sqlite_search_merges(const sqlite::database& db, const std::string& table)
    : sql_("INSERT INTO " + table + " (" + table + ", rank) VALUES ('merge', ?)"),
      merge_(db, sql_) {}

sqlite::status sqlite_search_merges::step(std::int64_t bytes) {
  note(bytes);
  return is_due() ? merge(due_) : sqlite::status{};
}

void sqlite_search_merges::note(std::int64_t bytes) {
  if (bytes > 0) due_ += 1 + bytes / bytes_a_page;
}

bool sqlite_search_merges::is_due() const {
  return due_ >= pages_at_once;
}

sqlite::status sqlite_search_merges::merge_portion() {
  return merge(pages_at_once);
}

sqlite::status sqlite_search_merges::merge(std::int64_t pages) {
  due_ -= pages;
  return merge_.run(pages);
}

} // namespace hubbub
