#pragma once

#include <string>

namespace hubbub::pg {

/// Whether a database is named as one of PostgreSQL: by a URL (`postgres://` or
/// `postgresql://`), or by libpq's keywords (`host=… dbname=…`).
[[nodiscard]] bool is_address(const std::string& database);

/// The address as it may be shown and logged: without its password.
[[nodiscard]] std::string shown(const std::string& address);

} // namespace hubbub::pg
