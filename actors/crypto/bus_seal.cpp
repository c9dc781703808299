#include "actors/crypto/bus_seal.hpp"

#include "proto/json/hex.hpp"

#include <openssl/crypto.h>

#include <cstddef>

namespace hubbub {
namespace {

constexpr std::size_t bus_mac_digits = 2 * sizeof(short_mac::signature);

// What is signed begins with one of these, so that no signature serves for something else.
constexpr std::string_view for_messages = "hubbub bus message\n";
constexpr std::string_view for_cluster = "hubbub bus cluster\n";

} // namespace

bus_seal::bus_seal(const recovery_secret& secret)
    : mac_(secret), cluster_(sign(for_cluster, {})) {}

std::string bus_seal::sign(std::string_view purpose, std::string_view text) {
  std::string digits;
  append_hex(digits, mac_.sign(purpose, text));
  return digits;
}

std::string bus_seal::close(std::string_view text) {
  return sign(for_messages, text).append(text);
}

std::optional<std::string_view> bus_seal::open(std::string_view sealed) {
  if (sealed.size() < bus_mac_digits) return std::nullopt;
  const auto text = sealed.substr(bus_mac_digits);
  const auto expected_digits = sign(for_messages, text);
  if (CRYPTO_memcmp(expected_digits.data(), sealed.data(), bus_mac_digits) != 0)
    return std::nullopt;
  return text;
}

} // namespace hubbub
