#pragma once

#include "proto/expected.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace hubbub {

/// The way in which nodes tell each other what they wrote.
enum class bus_kind : std::uint8_t {
  none,     ///< not at all: each looks for it from time to time
  postgres, ///< by NOTIFY, in the database that they share
  redis,    ///< by publish and subscribe of a Redis
};

/// A bus as a setting names it.
struct bus_address {
  bus_kind kind = bus_kind::none;
  // Of a Redis:
  std::string host = {};
  std::uint16_t port = 6379;
  std::string user = {}; ///< empty: the default user
  std::string password = {};
  std::string database = {}; ///< a number; empty: none is selected
};

/// Parses `postgres`, `redis://[[USER]:PASSWORD@]HOST[:PORT][/DATABASE]`, or nothing at all.
/// The error is one sentence that says what to do; it does not repeat the address, which may
/// hold a password.
[[nodiscard]] expected<bus_address, std::string> parse_bus_address(std::string_view text);

/// Parses the address of the Redis of a bridge, or nothing at all; otherwise as
/// `parse_bus_address`.
[[nodiscard]] expected<bus_address, std::string> parse_bridge_address(std::string_view text);

/// Returns the address without its password, for messages and logs.
[[nodiscard]] std::string shown(const bus_address& address);

} // namespace hubbub
