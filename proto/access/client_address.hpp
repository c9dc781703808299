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

/// The IP address of a client. An IPv4 address is always kept as the IPv6 address that maps it
/// (`::ffff:192.0.2.1`), so that it compares equal whichever way the client came.
struct client_address {
  /// In network order; all zero if the address is unknown.
  std::array<std::uint8_t, 16> bytes{};

  [[nodiscard]] bool is_v4() const;
  auto operator<=>(const client_address&) const = default;
};

/// Stands for a peer that came by a socket in the file system, which has no address. It lies in
/// a block from which no packet comes (`100::/64`, RFC 6666).
inline constexpr client_address local_peer{{0x01}};

/// Makes an address from the four bytes of an IPv4 address, in network order.
[[nodiscard]] client_address from_v4(const std::array<std::uint8_t, 4>& bytes);

/// Parses `192.0.2.1` or `2001:db8::1`, in the notations of RFC 4291. Returns nothing for text
/// with a port, brackets or a zone.
[[nodiscard]] std::optional<client_address> parse_address(std::string_view text);

/// Formats an address as people write it: `192.0.2.1`, `2001:db8::1`.
[[nodiscard]] std::string to_string(const client_address& address);

/// Returns the address by which limits are counted: a whole IPv4 address, or the first 64 bits
/// of an IPv6 one, since a client that has one address of such a block usually has all of them.
[[nodiscard]] client_address limit_key(const client_address& address);

/// A block of addresses that share their first `prefix` bits.
struct address_block {
  client_address first;
  unsigned prefix = 128; ///< counted over 128 bits: an IPv4 `/8` is 104

  [[nodiscard]] bool contains(const client_address& address) const;
  bool operator==(const address_block&) const = default;
};

/// Parses `10.0.0.0/8`, `2001:db8::/32`, or a single address. Returns nothing also where bits
/// after the prefix are set, since that is usually a mistake.
[[nodiscard]] std::optional<address_block> parse_block(std::string_view text);
/// Formats a block in the notation that `parse_block` reads.
[[nodiscard]] std::string to_string(const address_block& block);

/// Parses blocks separated by commas, and drops white space around them. Empty text is an empty
/// list.
[[nodiscard]] std::optional<std::vector<address_block>> parse_blocks(std::string_view text);
/// Formats blocks in the notation that `parse_blocks` reads.
[[nodiscard]] std::string to_string(const std::vector<address_block>& blocks);

} // namespace hubbub

template <>
struct std::hash<hubbub::client_address> {
  std::size_t operator()(const hubbub::client_address& address) const noexcept {
    return std::hash<std::string_view>{}(
        {reinterpret_cast<const char*>(address.bytes.data()), address.bytes.size()});
  }
};
