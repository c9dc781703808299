#pragma once

#include "persistence/maintenance/copied_tables.hpp"
#include "persistence/maintenance/maintenance.hpp"
#include "proto/expected.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace hubbub {

/// The values of a database that lie in no table of rows.
struct copied_globals {
  std::string secret; ///< 16 random bytes
  std::int64_t last_message_id = 0;
  friend bool operator==(const copied_globals&, const copied_globals&) = default;
};

/// One end of a copy: a database that nobody else uses meanwhile. Errors are sentences.
class copy_side {
 public:
  virtual ~copy_side() = default;

  [[nodiscard]] virtual expected<std::int64_t, std::string>
  count(const copied_table& table) = 0;
  /// Returns the rows after this key, in order, at most `limit`.
  [[nodiscard]] virtual expected<std::vector<copied_row>, std::string>
  page(const copied_table& table, const copied_row& after, std::int64_t limit) = 0;
  /// Returns the key of the last row; empty if the table is empty.
  [[nodiscard]] virtual expected<copied_row, std::string> last(const copied_table& table) = 0;
  /// Inserts the rows, all or none.
  [[nodiscard]] virtual expected<void, std::string>
  write(const copied_table& table, const std::vector<copied_row>& rows) = 0;
  [[nodiscard]] virtual expected<copied_globals, std::string> globals() = 0;

  /// Returns the signature of the source whose copy into this database is unfinished; empty if
  /// there is none.
  [[nodiscard]] virtual expected<std::string, std::string> copied_from() = 0;
  /// Marks this database as an unfinished copy: until `finish` no server starts with it.
  [[nodiscard]] virtual expected<void, std::string> begin(const std::string& from) = 0;
  /// Ends the copy, whose rows are all there: writes the globals and builds what is derived
  /// from the rows. May be broken off, and is called again then.
  [[nodiscard]] virtual expected<void, std::string> finish(const copied_globals& globals,
                                                           const copy_progress& progress) = 0;
};

/// Opens a SQLite file. As a target it is created if it does not exist.
[[nodiscard]] expected<std::unique_ptr<copy_side>, std::string>
open_sqlite_side(const std::string& path, bool is_target);
/// Opens a PostgreSQL database. As a target its tables are created if they do not exist.
[[nodiscard]] expected<std::unique_ptr<copy_side>, std::string>
open_postgres_side(const std::string& address, bool is_target);

} // namespace hubbub
