#pragma once

#include "persistence/postgres/pg_connection.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <variant>
#include <vector>

/// The rows that `hubbub db copy` moves, from tables that both kinds of database have, in the
/// order of their keys.
namespace hubbub {

/// One value of a row; a string also holds bytes.
using copied_cell = std::variant<std::monostate, std::int64_t, std::string>;
using copied_row = std::vector<copied_cell>;

enum class cell_kind : std::uint8_t { number, text, bytes };

struct copied_table {
  const char* name;
  std::span<const cell_kind> columns;
  std::size_t key; ///< number of leading columns that form the key
  const char* sqlite_page;
  const char* sqlite_last; ///< query for the greatest key
  const char* sqlite_insert;
  pg::statement pg_page;
  pg::statement pg_last;
  pg::statement pg_insert;
};

[[nodiscard]] std::span<const copied_table> copied_tables();

} // namespace hubbub
