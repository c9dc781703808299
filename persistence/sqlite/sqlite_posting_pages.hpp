#pragma once

#include "persistence/sqlite/sqlite_handle.hpp"
#include "persistence/store.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// Reading the pages of an FTS5 table without FTS5. The layout is the one that
/// `ext/fts5/fts5_index.c` of SQLite documents; it is part of SQLite's file format, so it does
/// not change under existing files.
namespace hubbub {

/// A number of SQLite's variable-length encoding, and where the next one begins.
struct posting_number {
  std::uint64_t value;
  const std::uint8_t* next;
};
/// Decodes a number. It has at most nine bytes, which must be readable.
[[nodiscard]] inline posting_number read_posting_number(const std::uint8_t* at) {
  if (*at < 0x80) return {*at, at + 1};
  std::uint64_t value = 0;
  for (int i = 0; i < 8; ++i, ++at) {
    value = (value << 7U) | (*at & 0x7fU);
    if (*at < 0x80) return {value, at + 1};
  }
  return {(value << 8U) | *at, at + 1};
}

/// One piece of an index. Pieces are searched separately; where two of them know the same row,
/// the newer one is right.
struct posting_segment {
  std::int64_t id = 0;
  std::int64_t first_page = 0;
  std::int64_t last_page = 0;
};

/// A page of words and of the rows that have them. Some zeros follow the bytes, so that a
/// number may be read at any offset up to the end.
struct posting_page {
  std::vector<std::uint8_t> bytes;
  std::size_t size = 0;      ///< with the footer, which lists where words begin
  std::size_t end = 0;       ///< of words and rows
  std::size_t first_row = 0; ///< the first row of a list that began on an earlier page; 0: none
  std::size_t first_word = 0; ///< `end` if no word begins here

  static constexpr std::size_t header = 4;
};

/// Where a segment has the rows of one word.
struct posting_place {
  std::string word;
  std::int64_t segment = 0;
  std::int64_t first_page = 0; ///< the page with the word
  std::int64_t last_page = 0;  ///< the list ends there or before
  std::size_t begin = 0;       ///< on the first page
  std::size_t end = 0;         ///< on the first page
};

/// Reads an index's pages, through statements of its own. The caller holds a snapshot.
class sqlite_posting_pages {
 public:
  sqlite_posting_pages(const sqlite::database& db, const std::string& table);
  sqlite_posting_pages(const sqlite_posting_pages&) = delete;
  sqlite_posting_pages& operator=(const sqlite_posting_pages&) = delete;

  /// Forgets what an earlier search met.
  void start();
  /// Returns the segments, the newest first.
  [[nodiscard]] std::vector<posting_segment> segments();
  struct totals {
    std::int64_t rows = 0;
    std::int64_t words = 0; ///< in the first column of all rows
  };
  [[nodiscard]] totals read_totals();
  /// Returns the number of words in a row's first column.
  [[nodiscard]] std::int64_t length_of(std::int64_t row);
  /// Adds where a segment has this word, or all words that begin like it.
  void find(const posting_segment& segment, std::string_view word, bool is_beginning,
            std::vector<posting_place>& places);
  /// Reads a page; false if that failed (`has_failed`).
  bool load(std::int64_t segment, std::int64_t number, posting_page& page);

  /// Says that what was read makes no sense.
  void give_up() { unreadable_ = true; }
  /// True if a call since `start` failed. The results are then meaningless.
  [[nodiscard]] bool has_failed() const { return unreadable_ || failure_; }
  /// Returns the error of a failed call; nothing if the layout is not as expected, so that FTS5
  /// itself should be asked.
  [[nodiscard]] const std::optional<store_error>& failure() const { return failure_; }

  /// A beginning that more words than this have is left to FTS5.
  static constexpr std::size_t most_places = 128;

 private:
  /// Returns the record with this number; empty if that failed or if there is none.
  [[nodiscard]] std::vector<std::uint8_t> record(std::int64_t number);
  /// Returns the page that the statement finds; nothing if it finds none.
  [[nodiscard]] std::optional<std::int64_t>
  look_up(sqlite::statement& which, std::int64_t segment, std::string_view word);
  /// Adds the places on one page. Returns the page's last word, or nothing if no later page can
  /// have a match.
  [[nodiscard]] std::optional<std::string>
  find_on_page(const posting_segment& segment, std::int64_t number, std::string_view word,
               bool is_beginning, std::vector<posting_place>& places);

  std::string read_sql_;
  std::string before_sql_;
  std::string after_sql_;
  std::string length_sql_;
  sqlite::statement read_;
  sqlite::statement before_;
  sqlite::statement after_;
  sqlite::statement length_;
  posting_page page_;
  bool unreadable_ = false;
  std::optional<store_error> failure_;
};

} // namespace hubbub
