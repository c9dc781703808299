#pragma once

#include "persistence/sqlite/sqlite_handle.hpp"

#include <cstdint>
#include <string>

namespace hubbub {

/// Keeps the number of pieces of a search index low. Every transaction leaves a new piece, and
/// a search looks into all of them. FTS5 would merge by itself hundreds of pages now and then,
/// and one transaction would have to wait for that; so the writer merges a little with each
/// transaction, by the amount that was written.
class sqlite_search_merges {
 public:
  /// Merges the pieces of this FTS5 table.
  sqlite_search_merges(const sqlite::database& db, const std::string& table);
  sqlite_search_merges(const sqlite_search_merges&) = delete;
  sqlite_search_merges& operator=(const sqlite_search_merges&) = delete;
  [[nodiscard]] sqlite::status prepare() { return merge_.prepare(); }

  /// Merges a little at the end of a transaction that added or removed the words of this many
  /// bytes of text.
  [[nodiscard]] sqlite::status step(std::int64_t bytes);

  /// Notes what a transaction changed, for callers that merge in transactions of their own, in
  /// portions of about two milliseconds. `is_due` says whether there is a portion to merge, and
  /// `merge_portion` merges it.
  void note(std::int64_t bytes);
  [[nodiscard]] bool is_due() const;
  [[nodiscard]] sqlite::status merge_portion();

 private:
  [[nodiscard]] sqlite::status merge(std::int64_t pages);

  std::string sql_;
  sqlite::statement merge_;
  std::int64_t due_ = 0; ///< pages to merge
};

} // namespace hubbub
