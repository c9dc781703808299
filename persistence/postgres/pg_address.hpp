#pragma once

#include <string>

namespace hubbub::pg {

/// True if a database is named as one of PostgreSQL: by a URL (`postgres://` or
/// `postgresql://`), or by libpq's keywords (`host=… dbname=…`).
[[nodiscard]] bool is_address(const std::string& database);

/// True if libpq understands an address; its parts may be wrong all the same.
[[nodiscard]] bool is_readable(const std::string& address);

/// True for a URL with an @ too many, or with one after a slash. It stands in a password that
/// is not encoded, of which libpq takes a part for a host, a port or a database.
[[nodiscard]] bool is_torn(const std::string& address);

/// True if a password stands in the address, or one of a client's key; a file with one does not
/// count.
[[nodiscard]] bool has_password(const std::string& address);

/// Returns the address without its password, for messages and logs.
[[nodiscard]] std::string shown(const std::string& address);

} // namespace hubbub::pg
