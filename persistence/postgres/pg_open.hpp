#pragma once

#include "persistence/postgres/pg_connection.hpp"
#include "persistence/store.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace hubbub::pg {

/// How long it may take to connect, and how long an answer may take.
inline constexpr std::chrono::milliseconds connect_patience{5'000};
inline constexpr std::chrono::milliseconds answer_patience{30'000};

/// The purpose of a connection.
enum class role : std::uint8_t {
  writer, ///< uses only statements that find their rows by an index
  reader,
  tool, ///< may take as long as it needs
};

/// Connects and applies the settings for this role. The error is libpq's or the server's own
/// message.
[[nodiscard]] expected<connection, std::string> open_session(const std::string& address,
                                                             role purpose, durability level);

/// Refuses a server or a schema that this version cannot use, and changes nothing. Returns the
/// version of the schema; nothing if it does not exist yet. The error is one sentence that says
/// what to do.
[[nodiscard]] expected<std::optional<std::int64_t>, std::string>
check_server(connection& open, const std::string& address);
/// Creates the schema or migrates it to this version, after the checks of `check_server`.
[[nodiscard]] expected<void, std::string> migrate(connection& open, const std::string& address);
/// Checks that the schema exists and has exactly this version; for tools that only read.
[[nodiscard]] expected<void, std::string> expect_current(connection& open,
                                                         const std::string& address);

/// Takes the database for as long as the connection lives: for one server alone, or, with a
/// `node`, for one of several, whose number no other may have. The error is one sentence.
[[nodiscard]] expected<void, std::string>
take_for_server(connection& open, const std::string& address, std::optional<std::int64_t> node);

/// Takes the database for a tool that writes, as for one server alone. The error is one
/// sentence.
[[nodiscard]] expected<void, std::string> take_for_tool(connection& open,
                                                        const std::string& address);

/// Returns the message, one sentence, for an error that ends a start or a tool.
[[nodiscard]] std::string cannot_use(const std::string& address, const std::string& why);

} // namespace hubbub::pg
