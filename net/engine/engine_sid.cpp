#include "net/engine/engine_sid.hpp"

#include "actors/crypto/random_id.hpp"
#include "proto/json/base64.hpp"

#include <array>
#include <charconv>

namespace hubbub {
namespace {

constexpr std::size_t secret_length = 32;
constexpr std::size_t max_thread_digits = 4;
constexpr std::size_t prefix_length = 2;

} // namespace

std::string sid_prefix(std::size_t node) {
  // Three bytes are four digits; twelve bits are the last two of them.
  const std::array bytes{'\0', static_cast<char>(node >> 8U), static_cast<char>(node & 255U)};
  std::string digits;
  append_base64url(digits, {bytes.data(), bytes.size()});
  return digits.substr(digits.size() - prefix_length);
}

std::string make_sid(std::size_t thread, std::size_t node) {
  std::string sid;
  // exactly this much, since the session keeps it
  sid.reserve((node > 0 ? prefix_length : 0) + secret_length + max_thread_digits);
  if (node > 0) sid.append(sid_prefix(node));
  return sid.append(random_id()).append(std::to_string(thread));
}

std::optional<std::size_t> thread_of_sid(std::string_view sid, std::size_t threads,
                                         std::size_t node) {
  if (node > 0) {
    if (!sid.starts_with(sid_prefix(node))) return {};
    sid.remove_prefix(prefix_length);
  }
  if (sid.size() <= secret_length || sid.size() > secret_length + max_thread_digits) return {};
  const auto digits = sid.substr(secret_length);
  if (digits.size() > 1 && digits.front() == '0') return {};
  std::size_t thread = 0;
  const auto [end, ec] = std::from_chars(digits.data(), digits.data() + digits.size(), thread);
  if (ec != std::errc{} || end != digits.data() + digits.size() || thread >= threads) return {};
  return thread;
}

std::optional<std::size_t> node_of_sid(std::string_view sid) {
  constexpr std::string_view digits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  constexpr std::string_view hex = "0123456789abcdef";
  constexpr std::string_view decimal = "0123456789";
  constexpr auto secret_ends = prefix_length + secret_length;
  if (sid.size() <= secret_ends || sid.size() > secret_ends + max_thread_digits) return {};
  const auto high = digits.find(sid[0]);
  const auto low = digits.find(sid[1]);
  const auto secret = sid.substr(prefix_length, secret_length);
  if (high == std::string_view::npos || low == std::string_view::npos ||
      secret.find_first_not_of(hex) != std::string_view::npos ||
      sid.substr(secret_ends).find_first_not_of(decimal) != std::string_view::npos)
    return {};
  const auto node = high * digits.size() + low;
  if (node == 0) return {};
  return node;
}

} // namespace hubbub
