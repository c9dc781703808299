#pragma once

#include "persistence/postgres/pg_connection.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <variant>
#include <vector>

/// What `hubbub db copy` moves: rows of tables that both kinds of database have, in the order
/// of their keys.
namespace hubbub {

/// One value; bytes are a string of them.
using copied_cell = std::variant<std::monostate, std::int64_t, std::string>;
using copied_row = std::vector<copied_cell>;

enum class cell_kind : std::uint8_t { number, text, bytes };

struct copied_table {
  const char* name;
  std::span<const cell_kind> columns;
  std::size_t key; ///< so many columns at the front are the key
  const char* sqlite_page;
  const char* sqlite_last; ///< the greatest key there is
  const char* sqlite_insert;
  pg::statement pg_page;
  pg::statement pg_last;
  pg::statement pg_insert;
};

[[nodiscard]] std::span<const copied_table> copied_tables();

} // namespace hubbub
