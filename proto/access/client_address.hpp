#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hubbub {

/// The IP address of a client. An IPv4 address has one form alone, the IPv6 address that maps
/// it (`::ffff:192.0.2.1`), so that it compares equal however the client came.
struct client_address {
  std::array<std::uint8_t, 16> bytes{}; ///< in network order; all zero: not known

  [[nodiscard]] bool is_v4() const;
  auto operator<=>(const client_address&) const = default;
};

/// Of the four bytes of an IPv4 address, the first in front.
[[nodiscard]] client_address from_v4(const std::array<std::uint8_t, 4>& bytes);

/// `192.0.2.1` or `2001:db8::1`, as RFC 4291 writes them; no port, no brackets, no zone.
[[nodiscard]] std::optional<client_address> parse_address(std::string_view text);

/// As people write it: `192.0.2.1`, `2001:db8::1`.
[[nodiscard]] std::string to_string(const client_address& address);

/// What counts as one client where limits are kept by address: an IPv4 address, or the first 64
/// bits of an IPv6 one, since whoever has one of those has them all.
[[nodiscard]] client_address limit_key(const client_address& address);

/// A block of addresses that share their first `prefix` bits.
struct address_block {
  client_address first;
  unsigned prefix = 128; ///< of 128; an IPv4 `/8` is 104

  [[nodiscard]] bool contains(const client_address& address) const;
  bool operator==(const address_block&) const = default;
};

/// `10.0.0.0/8`, `2001:db8::/32`, or an address alone. Empty also where bits behind the prefix
/// are set, which is a mistake more often than not.
[[nodiscard]] std::optional<address_block> parse_block(std::string_view text);
/// As `parse_block` reads it.
[[nodiscard]] std::string to_string(const address_block& block);

/// Blocks separated by commas; white space around them is dropped. Empty text is an empty list.
[[nodiscard]] std::optional<std::vector<address_block>> parse_blocks(std::string_view text);
/// As `parse_blocks` reads them.
[[nodiscard]] std::string to_string(const std::vector<address_block>& blocks);

} // namespace hubbub

template <>
struct std::hash<hubbub::client_address> {
  std::size_t operator()(const hubbub::client_address& address) const noexcept {
    return std::hash<std::string_view>{}(
        {reinterpret_cast<const char*>(address.bytes.data()), address.bytes.size()});
  }
};
