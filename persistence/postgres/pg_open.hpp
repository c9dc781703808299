#pragma once

#include "persistence/postgres/pg_connection.hpp"
#include "persistence/store.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace hubbub::pg {

/// How long one connection may take to be made, and one answer to come.
inline constexpr std::chrono::milliseconds connect_patience{5'000};
inline constexpr std::chrono::milliseconds answer_patience{30'000};

/// What a connection is for.
enum class role : std::uint8_t {
  writer, ///< its statements find their rows by an index, always
  reader,
  tool, ///< takes as long as it takes
};

/// Connects and sets what a session of this role needs. The error is libpq's or the server's
/// own words.
[[nodiscard]] expected<connection, std::string> open_session(const std::string& address,
                                                             role purpose, durability level);

/// Refuses a server or a schema that this version cannot use, and changes nothing. The version
/// of the schema, none where it is not there yet. The error is one sentence that says what to
/// do.
[[nodiscard]] expected<std::optional<std::int64_t>, std::string>
check_server(connection& open, const std::string& address);
/// Creates the schema or brings it to this version, after the same checks.
[[nodiscard]] expected<void, std::string> migrate(connection& open, const std::string& address);
/// The schema is there and of just this version; for tools that only read.
[[nodiscard]] expected<void, std::string> expect_current(connection& open,
                                                         const std::string& address);

/// Takes the database for one server, as long as the connection lives. The error is one
/// sentence.
[[nodiscard]] expected<void, std::string>
take_for_server(connection& open, const std::string& address, std::int64_t node);

/// One sentence for an error that ends a start or a tool.
[[nodiscard]] std::string cannot_use(const std::string& address, const std::string& why);

} // namespace hubbub::pg
