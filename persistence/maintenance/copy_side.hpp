#pragma once

#include "persistence/maintenance/copied_tables.hpp"
#include "proto/expected.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace hubbub {

/// What no table of rows holds.
struct copied_globals {
  std::string secret; ///< 16 bytes
  std::int64_t last_message_id = 0;
  friend bool operator==(const copied_globals&, const copied_globals&) = default;
};

/// One end of a copy: a database that nobody else has meanwhile. Errors are sentences.
class copy_side {
 public:
  virtual ~copy_side() = default;

  [[nodiscard]] virtual expected<std::int64_t, std::string>
  count(const copied_table& table) = 0;
  /// The rows behind this key, in order, at most so many.
  [[nodiscard]] virtual expected<std::vector<copied_row>, std::string>
  page(const copied_table& table, const copied_row& after, std::int64_t limit) = 0;
  /// The key of the last row; empty where there is none.
  [[nodiscard]] virtual expected<copied_row, std::string> last(const copied_table& table) = 0;
  /// Inserts the rows, all or none.
  [[nodiscard]] virtual expected<void, std::string>
  write(const copied_table& table, const std::vector<copied_row>& rows) = 0;
  [[nodiscard]] virtual expected<copied_globals, std::string> globals() = 0;

  /// What the copy under way to this database is made from; empty where none is.
  [[nodiscard]] virtual expected<std::string, std::string> copied_from() = 0;
  /// From here on no server starts with this database, until `finish`.
  [[nodiscard]] virtual expected<void, std::string> begin(const std::string& from) = 0;
  [[nodiscard]] virtual expected<void, std::string> finish(const copied_globals& globals) = 0;
};

/// A SQLite file; created where it is to be a target and is not there.
[[nodiscard]] expected<std::unique_ptr<copy_side>, std::string>
open_sqlite_side(const std::string& path, bool is_target);
/// A database of PostgreSQL; its tables are created where it is to be a target.
[[nodiscard]] expected<std::unique_ptr<copy_side>, std::string>
open_postgres_side(const std::string& address, bool is_target);

} // namespace hubbub
