#include "actors/crypto/short_mac.hpp"

#include "actors/crypto/openssl.hpp"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <algorithm>
#include <cstddef>

namespace hubbub {

struct short_mac::state {
  state()
      : algorithm(EVP_MAC_fetch(nullptr, "SIPHASH", nullptr)),
        context(EVP_MAC_CTX_new(algorithm.get())) {
    crypto::must(context != nullptr);
  }

  struct release {
    void operator()(EVP_MAC* each) const { EVP_MAC_free(each); }
    void operator()(EVP_MAC_CTX* each) const { EVP_MAC_CTX_free(each); }
  };
  std::array<std::uint8_t, 16> secret{};
  std::unique_ptr<EVP_MAC, release> algorithm;
  std::unique_ptr<EVP_MAC_CTX, release> context;
};

short_mac::short_mac(std::span<const std::uint8_t, 16> secret)
    : state_(std::make_unique<state>()) {
  std::ranges::copy(secret, state_->secret.begin());
}
short_mac::~short_mac() = default;
short_mac::short_mac(short_mac&&) noexcept = default;
short_mac& short_mac::operator=(short_mac&&) noexcept = default;

short_mac::signature short_mac::sign(std::string_view context, std::string_view text) {
  signature out{};
  std::size_t size = out.size();
  OSSL_PARAM params[] = {OSSL_PARAM_construct_size_t(OSSL_MAC_PARAM_SIZE, &size),
                         OSSL_PARAM_construct_end()};
  auto* const mac = state_->context.get();
  crypto::must(EVP_MAC_init(mac, state_->secret.data(), state_->secret.size(), params) == 1 &&
               EVP_MAC_update(mac, crypto::unsigned_bytes(context), context.size()) == 1 &&
               EVP_MAC_update(mac, crypto::unsigned_bytes(text), text.size()) == 1 &&
               EVP_MAC_final(mac, out.data(), &size, out.size()) == 1);
  return out;
}

} // namespace hubbub
