#pragma once

#include "persistence/sqlite/sqlite_handle.hpp"

#include <cstdint>
#include <string>

namespace hubbub {

/// Keeps the pieces that the words lie in few. Every transaction leaves a new piece, and a
/// search looks into all of them. FTS5 would merge by itself, hundreds of pages now and then,
/// which one transaction had to wait for: so the writer has it merge a little with each, by
/// what was written.
class sqlite_search_merges {
 public:
  /// Of this FTS5 table.
  sqlite_search_merges(const sqlite::database& db, const std::string& table);
  sqlite_search_merges(const sqlite_search_merges&) = delete;
  sqlite_search_merges& operator=(const sqlite_search_merges&) = delete;
  [[nodiscard]] sqlite::status prepare() { return merge_.prepare(); }

  /// At the end of a transaction that added or removed the words of so many bytes of text.
  [[nodiscard]] sqlite::status step(std::int64_t bytes);

  /// For whoever merges in transactions of their own, a portion of about two milliseconds each:
  /// notes what a transaction changed, tells whether there is a portion to merge, merges it.
  void note(std::int64_t bytes);
  [[nodiscard]] bool is_due() const;
  [[nodiscard]] sqlite::status merge_portion();

 private:
  [[nodiscard]] sqlite::status merge(std::int64_t pages);

  std::string sql_;
  sqlite::statement merge_;
  std::int64_t due_ = 0; ///< pages
};

} // namespace hubbub
