#pragma once

#include "persistence/sqlite/sqlite_handle.hpp"

#include <cstdint>
#include <string>
#include <vector>

/// The search indexes of a database. One answers searches; beside it there may be one that is
/// being built and will replace it, or one that is being removed.
namespace hubbub {

enum class search_index_state : std::uint8_t {
  building = 0,  ///< follows the log from its first message on
  answering = 1, ///< searches read it
  leaving = 2,   ///< nobody reads or writes it; it is removed in steps
};

struct search_index {
  std::int64_t generation = 0; ///< 0: the index of schema versions 2 to 5
  std::string made_by;         ///< see `tokenizer_version`
  search_index_state state = search_index_state::building;

  /// Returns the name of its FTS5 table.
  [[nodiscard]] std::string table() const;
  /// Returns the name of the counter that holds its cursor: the index holds the words of every
  /// message up to this id, as the message is now, and of no other.
  [[nodiscard]] std::string cursor() const;
  /// Returns the name of the counter of the blocks whose facts may not be complete: those below
  /// it. There is none if all are complete.
  [[nodiscard]] std::string unfilled() const;
};

/// Returns the search indexes, ordered by generation.
[[nodiscard]] expected<std::vector<search_index>, store_error>
read_search_indexes(const sqlite::database& db);

/// Query for the index that answers; for `read_answering_index`.
inline constexpr auto answering_index_query =
    "SELECT generation, made_by, state FROM search_indexes WHERE state = 1";
[[nodiscard]] expected<search_index, store_error>
read_answering_index(sqlite::statement& query);

/// Makes sure that there is an index by the tokenizer of this program; begins one if there is
/// none. That takes as long for ten messages as for ten million. A database without messages
/// gets one that answers at once. Runs in a transaction of its own; the connection must have
/// the tokenizer.
[[nodiscard]] sqlite::status ensure_search_index(sqlite::database& db);

/// Makes the index that was being built answer, and the old one leave, in the transaction of
/// the caller.
[[nodiscard]] sqlite::status let_built_index_answer(sqlite::database& db);

/// Removes a part of a leaving index, about two milliseconds of work, in a transaction of its
/// own. Returns true if there is more.
[[nodiscard]] expected<bool, store_error> remove_some_of(sqlite::database& db,
                                                         const search_index& leaving);

} // namespace hubbub
