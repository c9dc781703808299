#include "proto/access/client_address.hpp"

#include "proto/json/text.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>

namespace hubbub {
namespace {

constexpr std::array<std::uint8_t, 12> v4_prefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
constexpr unsigned v4_prefix_bits = 96;
constexpr unsigned all_bits = 128;
constexpr std::size_t longest_text = INET6_ADDRSTRLEN - 1;

/// Returns `address` with every bit after the first `prefix` cleared.
client_address cut(client_address address, unsigned prefix) {
  for (std::size_t i = 0; i < address.bytes.size(); ++i) {
    const auto kept = std::min<std::size_t>(8, prefix - std::min<std::size_t>(prefix, 8 * i));
    address.bytes[i] &= static_cast<std::uint8_t>(0xff00U >> kept);
  }
  return address;
}

} // namespace

bool client_address::is_v4() const {
  return std::equal(v4_prefix.begin(), v4_prefix.end(), bytes.begin());
}

client_address from_v4(const std::array<std::uint8_t, 4>& bytes) {
  client_address made;
  std::ranges::copy(v4_prefix, made.bytes.begin());
  std::ranges::copy(bytes, made.bytes.begin() + v4_prefix.size());
  return made;
}

std::optional<client_address> parse_address(std::string_view text) {
  if (text.size() > longest_text || text.find('\0') != std::string_view::npos) return {};
  const std::string terminated{text};
  if (std::array<std::uint8_t, 4> v4{}; inet_pton(AF_INET, terminated.c_str(), v4.data()) == 1)
    return from_v4(v4);
  client_address v6;
  if (inet_pton(AF_INET6, terminated.c_str(), v6.bytes.data()) != 1) return {};
  return v6;
}

std::string to_string(const client_address& address) {
  std::array<char, INET6_ADDRSTRLEN> space{};
  if (address.is_v4())
    inet_ntop(AF_INET, address.bytes.data() + v4_prefix.size(), space.data(), space.size());
  else
    inet_ntop(AF_INET6, address.bytes.data(), space.data(), space.size());
  return space.data();
}

client_address limit_key(const client_address& address) {
  constexpr unsigned subnet_bits = 64;
  return address.is_v4() ? address : cut(address, subnet_bits);
}

bool address_block::contains(const client_address& address) const {
  return cut(address, prefix) == first;
}

std::optional<address_block> parse_block(std::string_view text) {
  const auto slash = text.find('/');
  const auto first = parse_address(text.substr(0, slash));
  if (!first) return {};
  // `::ffff:192.0.2.1` is IPv4 too, but its prefix is counted in the notation that was used.
  const auto dotted = text.substr(0, slash).find(':') == std::string_view::npos;
  const auto outer = dotted ? v4_prefix_bits : 0;
  address_block block{*first, all_bits};
  if (slash != std::string_view::npos) {
    const auto bits = text.substr(slash + 1);
    const auto* end = bits.data() + bits.size();
    const auto [stop, failure] = std::from_chars(bits.data(), end, block.prefix);
    if (failure != std::errc{} || stop != end || block.prefix > all_bits - outer) return {};
    block.prefix += outer;
  }
  if (!block.contains(*first)) return {};
  return block;
}

std::string to_string(const address_block& block) {
  auto text = to_string(block.first);
  if (block.prefix == all_bits) return text;
  // A block that is larger than the range of mapped addresses is not an IPv4 block.
  const auto outer = block.first.is_v4() && block.prefix >= v4_prefix_bits ? v4_prefix_bits : 0;
  return text + "/" + std::to_string(block.prefix - outer);
}

std::optional<std::vector<address_block>> parse_blocks(std::string_view text) {
  std::vector<address_block> blocks;
  if (trim(text).empty()) return blocks;
  while (true) {
    const auto comma = text.find(',');
    const auto block = parse_block(trim(text.substr(0, comma)));
    if (!block) return {};
    blocks.push_back(*block);
    if (comma == std::string_view::npos) return blocks;
    text.remove_prefix(comma + 1);
  }
}

std::string to_string(const std::vector<address_block>& blocks) {
  std::string text;
  for (const auto& block : blocks)
    text.append(text.empty() ? "" : ",").append(to_string(block));
  return text;
}

} // namespace hubbub
