#include "actors/crypto/bus_seal.hpp"

#include "actors/crypto/openssl.hpp"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <array>
#include <cstddef>
#include <cstdint>

namespace hubbub {

namespace {

constexpr std::size_t bus_mac_size = 8;
constexpr std::size_t bus_mac_digits = 2 * bus_mac_size;

// What is signed begins with one of these, so that no signature serves for something else.
constexpr std::string_view for_messages = "hubbub bus message\n";
constexpr std::string_view for_cluster = "hubbub bus cluster\n";

} // namespace

struct bus_seal::mac {
  explicit mac(const recovery_secret& with)
      : secret(with), algorithm(EVP_MAC_fetch(nullptr, "SIPHASH", nullptr)),
        context(EVP_MAC_CTX_new(algorithm.get())) {
    crypto::must(context != nullptr);
  }

  /// Returns the signature as hexadecimal digits.
  std::string sign(std::string_view purpose, std::string_view text) {
    std::size_t size = bus_mac_size;
    OSSL_PARAM params[] = {OSSL_PARAM_construct_size_t(OSSL_MAC_PARAM_SIZE, &size),
                           OSSL_PARAM_construct_end()};
    std::array<std::uint8_t, bus_mac_size> out{};
    crypto::must(EVP_MAC_init(context.get(), secret.data(), secret.size(), params) == 1 &&
                 EVP_MAC_update(context.get(), crypto::bytes_of(purpose), purpose.size()) ==
                     1 &&
                 EVP_MAC_update(context.get(), crypto::bytes_of(text), text.size()) == 1 &&
                 EVP_MAC_final(context.get(), out.data(), &size, out.size()) == 1);
    static constexpr std::string_view hex = "0123456789abcdef";
    std::string digits;
    for (const auto byte : out) {
      digits += hex[byte >> 4U];
      digits += hex[byte & 15U];
    }
    return digits;
  }

  struct release {
    void operator()(EVP_MAC* each) const { EVP_MAC_free(each); }
    void operator()(EVP_MAC_CTX* each) const { EVP_MAC_CTX_free(each); }
  };
  recovery_secret secret;
  std::unique_ptr<EVP_MAC, release> algorithm;
  std::unique_ptr<EVP_MAC_CTX, release> context;
};

bus_seal::bus_seal(const recovery_secret& secret)
    : mac_(std::make_unique<mac>(secret)), cluster_(mac_->sign(for_cluster, {})) {}
bus_seal::~bus_seal() = default;
bus_seal::bus_seal(bus_seal&&) noexcept = default;
bus_seal& bus_seal::operator=(bus_seal&&) noexcept = default;

std::string bus_seal::close(std::string_view text) {
  return mac_->sign(for_messages, text).append(text);
}

std::optional<std::string_view> bus_seal::open(std::string_view sealed) {
  if (sealed.size() < bus_mac_digits) return std::nullopt;
  const auto text = sealed.substr(bus_mac_digits);
  const auto expected_digits = mac_->sign(for_messages, text);
  if (CRYPTO_memcmp(expected_digits.data(), sealed.data(), bus_mac_digits) != 0)
    return std::nullopt;
  return text;
}

} // namespace hubbub
