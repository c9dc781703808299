#pragma once

#include "persistence/maintenance/maintenance.hpp"
#include "persistence/postgres/pg_connection.hpp"

#include <string>

/// The implementation of `maintenance.hpp` for a PostgreSQL database.
namespace hubbub {

[[nodiscard]] expected<check_report, std::string> check_postgres(const std::string& address);

[[nodiscard]] expected<std::int64_t, std::string>
import_into_postgres(const std::string& address, const std::string& room,
                     const line_source& source);

/// Opens a database of this version, while no server uses it and none can take it.
[[nodiscard]] expected<pg::connection, std::string> own_postgres(const std::string& address);

} // namespace hubbub
