#pragma once

#include "persistence/sqlite/sqlite_posting_pages.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace hubbub {

/// The columns of a search table.
enum class posting_column : std::uint8_t { content = 0, scope = 1 };

/// The rows of one segment that have one word, read from the newest to the oldest. Pages whose
/// rows are not asked for are skipped: their rows are in order, so the page of a row is found
/// by bisection.
class posting_list {
 public:
  posting_list(sqlite_posting_pages& pages, posting_place place)
      : pages_(pages), place_(std::move(place)), number_(place_.last_page + 1) {}

  /// Goes to the greatest row that is not above `bound`; bounds must not rise. Returns false if
  /// there is none.
  bool seek(std::int64_t bound);
  [[nodiscard]] std::int64_t row() const { return rows_[left_ - 1]; }
  /// Returns the encoded positions of the word in the row: those in the first column, then
  /// those in others. Empty if the segment says that the row has the word no more. Valid until
  /// the next call.
  [[nodiscard]] std::span<const std::uint8_t> positions();
  /// Returns an estimate of the list's length.
  [[nodiscard]] std::int64_t pages() const { return place_.last_page - place_.first_page + 1; }

 private:
  struct spot {
    std::uint32_t begin;
    std::uint32_t size;
  };

  /// Decodes the page with the greatest row that is not above the bound, among those that were
  /// not decoded. Returns false if there is none.
  bool go_back(std::int64_t bound);
  /// Loads the last page up to `number` on which a row of the list begins, but none before
  /// `first`. Returns its number, or `first - 1`.
  std::int64_t load_with_row(std::int64_t number, std::int64_t first);
  /// Returns where the first row of the list on the loaded page begins; `page_.end` if none
  /// does.
  [[nodiscard]] std::size_t first_row(std::int64_t number) const;
  [[nodiscard]] std::size_t end_of_list(std::int64_t number) const;
  void decode();

  sqlite_posting_pages& pages_;
  posting_place place_;
  posting_page page_;
  std::int64_t number_;            ///< of the page
  std::vector<std::int64_t> rows_; ///< of the page
  std::vector<spot> spots_;        ///< where their positions are on the page
  std::size_t left_ = 0;           ///< how many of them were not passed
  std::vector<std::uint8_t> gathered_;
};

/// The rows that have a word, or any word that begins like it, from the newest to the oldest.
class word_rows {
 public:
  word_rows(sqlite_posting_pages& pages, const std::vector<posting_segment>& segments,
            std::string_view word, bool is_beginning, posting_column column);

  /// Goes to the greatest row that is not above `bound`; bounds must not rise. Returns false if
  /// there is none.
  bool seek(std::int64_t bound);
  [[nodiscard]] std::int64_t row() const { return row_; }
  /// Returns how often the row has the word.
  [[nodiscard]] std::int64_t count();
  /// Returns the positions at which the row has the word, in rising order.
  void positions(std::vector<std::uint64_t>& places);
  /// Returns an estimate of how many pages there are.
  [[nodiscard]] std::int64_t pages() const;

 private:
  struct source {
    posting_list list;
    std::size_t word; ///< number of its word; its segments follow each other, the newest first
    std::int64_t row = ended;
  };
  static constexpr std::int64_t ended = -1;

  void advance(source& which, std::int64_t bound);
  /// Advances the sources to the bound and finds the two greatest rows.
  void advance_all(std::int64_t bound);
  /// Calls `visit` with the positions of each word that the row has.
  template <class Visit>
  void visit_positions(const Visit& visit);
  /// Returns the encoded positions in our column.
  [[nodiscard]] std::span<const std::uint8_t>
  of_column(std::span<const std::uint8_t> positions) const;

  sqlite_posting_pages& pages_;
  posting_column column_;
  std::vector<source> sources_;
  std::size_t newest_ = 0;      ///< the source with the greatest row
  std::int64_t second_ = ended; ///< the greatest row of the others
  std::int64_t row_ = ended;
  bool is_started_ = false;
};

} // namespace hubbub
