#pragma once

#include "persistence/sqlite/sqlite_handle.hpp"
#include "persistence/sqlite/sqlite_search_facts.hpp"
#include "persistence/sqlite/sqlite_search_indexes.hpp"

#include <cstdint>
#include <string>

namespace hubbub {

/// Fills in the facts about messages that an earlier version has indexed without them, block by
/// block from the newest to the oldest. A counter holds the block that was filled last
/// (`search_index::unfilled`); it is removed when none is left.
class search_facts_filling {
 public:
  search_facts_filling(sqlite::database& db, const search_index& index);
  search_facts_filling(const search_facts_filling&) = delete;
  search_facts_filling& operator=(const search_facts_filling&) = delete;

  /// Prepares the statements and reads the counter.
  [[nodiscard]] sqlite::status prepare();
  [[nodiscard]] bool is_done() const { return left_ == 0; }
  /// Fills one block, in a transaction of its own.
  [[nodiscard]] sqlite::status step(search_facts_writer& facts);

 private:
  [[nodiscard]] sqlite::status fill(search_facts_writer& facts, std::int64_t& block);

  sqlite::database& db_;
  std::string counter_;
  std::string cursor_;
  sqlite::statement read_;
  sqlite::statement write_;
  sqlite::statement remove_;
  sqlite::statement messages_;
  std::int64_t left_ = 0;
};

} // namespace hubbub
