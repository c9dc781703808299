#pragma once

#include "persistence/sqlite/sqlite_handle.hpp"

#include <cstdint>
#include <string>
#include <vector>

/// The search indexes that a database holds. One answers; beside it one may be in the making,
/// which will take its place, or one that is being taken away.
namespace hubbub {

enum class search_index_state : std::uint8_t {
  building = 0,  ///< follows the log from its first message on
  answering = 1, ///< searches read it
  leaving = 2,   ///< nobody reads or writes it; it is removed in steps
};

struct search_index {
  std::int64_t generation = 0; ///< 0: the one of schema versions 2 to 5
  std::string made_by;         ///< see `tokenizer_version`
  search_index_state state = search_index_state::building;

  /// Its FTS5 table.
  [[nodiscard]] std::string table() const;
  /// The name of the counter that holds its cursor: the index holds the words of every message
  /// up to this id, as the message is now, and of no other.
  [[nodiscard]] std::string cursor() const;
};

/// By generation.
[[nodiscard]] expected<std::vector<search_index>, store_error>
read_search_indexes(const sqlite::database& db);

/// Finds the one that answers; for `read_answering_index`.
inline constexpr auto answering_index_query =
    "SELECT generation, made_by, state FROM search_indexes WHERE state = 1";
[[nodiscard]] expected<search_index, store_error>
read_answering_index(sqlite::statement& query);

/// Sees to it that there is an index by the tokenizer of this program: begins one where there
/// is none. It takes as long for ten messages as for ten million. Where there are no messages
/// yet it answers at once. In a transaction of its own; the connection has the tokenizer.
[[nodiscard]] sqlite::status ensure_search_index(sqlite::database& db);

/// The one that is in the making answers from here on, and the one that did leaves. In the
/// transaction of the caller.
[[nodiscard]] sqlite::status let_built_index_answer(sqlite::database& db);

/// Removes some of an index that leaves, about two milliseconds of it, in a transaction of its
/// own. True: there is more.
[[nodiscard]] expected<bool, store_error> remove_some_of(sqlite::database& db,
                                                         const search_index& leaving);

} // namespace hubbub
