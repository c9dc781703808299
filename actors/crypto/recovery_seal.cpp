#include "actors/crypto/recovery_seal.hpp"

#include "actors/crypto/openssl.hpp"
#include "proto/json/base64.hpp"
#include "proto/socket/recovery_offset.hpp"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <cstring>

namespace hubbub {

using crypto::bytes_of;
using crypto::must;

namespace {

constexpr std::size_t signature_size = 8;
using signature = std::array<std::uint8_t, signature_size>;

} // namespace

recovery_identity identity_of(std::string_view pid) {
  recovery_identity session;
  must(EVP_Digest(pid.data(), pid.size(), session.pid_hash.data(), nullptr, EVP_sha256(),
                  nullptr) == 1);
  std::memcpy(&session.id.value, session.pid_hash.data(), sizeof session.id.value);
  return session;
}

struct recovery_seal::mac {
  explicit mac(const recovery_secret& with)
      : secret(with), algorithm(EVP_MAC_fetch(nullptr, "SIPHASH", nullptr)),
        context(EVP_MAC_CTX_new(algorithm.get())) {
    must(context != nullptr);
  }

  signature sign(const recovery_identity& session, std::string_view positions) {
    std::size_t size = signature_size;
    OSSL_PARAM params[] = {OSSL_PARAM_construct_size_t(OSSL_MAC_PARAM_SIZE, &size),
                           OSSL_PARAM_construct_end()};
    signature out{};
    must(EVP_MAC_init(context.get(), secret.data(), secret.size(), params) == 1 &&
         EVP_MAC_update(context.get(), session.pid_hash.data(), session.pid_hash.size()) == 1 &&
         EVP_MAC_update(context.get(), bytes_of(positions), positions.size()) == 1 &&
         EVP_MAC_final(context.get(), out.data(), &size, out.size()) == 1);
    return out;
  }

  struct release {
    void operator()(EVP_MAC* each) const { EVP_MAC_free(each); }
    void operator()(EVP_MAC_CTX* each) const { EVP_MAC_CTX_free(each); }
  };
  recovery_secret secret;
  std::unique_ptr<EVP_MAC, release> algorithm;
  std::unique_ptr<EVP_MAC_CTX, release> context;
};

recovery_seal::recovery_seal(const recovery_secret& secret)
    : mac_(std::make_unique<mac>(secret)) {}
recovery_seal::~recovery_seal() = default;
recovery_seal::recovery_seal(recovery_seal&&) noexcept = default;
recovery_seal& recovery_seal::operator=(recovery_seal&&) noexcept = default;

std::string recovery_seal::close(const recovery_identity& session,
                                 const std::vector<room_position>& positions) {
  auto bytes = encode_positions(positions);
  const auto signed_by = mac_->sign(session, bytes);
  bytes.append(reinterpret_cast<const char*>(signed_by.data()), signed_by.size());
  std::string offset;
  offset.reserve((bytes.size() + 2) / 3 * 4);
  append_base64(offset, bytes);
  return offset;
}

std::optional<std::vector<room_position>> recovery_seal::open(const recovery_identity& session,
                                                              std::string_view offset) {
  const auto bytes = decode_base64(offset);
  if (!bytes || bytes->size() < signature_size) return std::nullopt;
  const auto positions = std::string_view{*bytes}.substr(0, bytes->size() - signature_size);
  const auto expected_signature = mac_->sign(session, positions);
  if (CRYPTO_memcmp(expected_signature.data(), bytes->data() + positions.size(),
                    signature_size) != 0)
    return std::nullopt;
  return decode_positions(positions);
}

} // namespace hubbub
