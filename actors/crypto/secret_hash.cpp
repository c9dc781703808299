#include "actors/crypto/secret_hash.hpp"

#include "actors/crypto/openssl.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <limits>

namespace hubbub {
using crypto::must;
using crypto::unsigned_bytes;

hash_256 sha256(std::string_view bytes) {
  hash_256 hash{};
  must(EVP_Digest(bytes.data(), bytes.size(), hash.data(), nullptr, EVP_sha256(), nullptr) ==
       1);
  return hash;
}

hash_256 hmac_sha256(std::string_view secret, std::string_view bytes) {
  must(secret.size() <= std::numeric_limits<int>::max());
  hash_256 hash{};
  must(HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()), unsigned_bytes(bytes),
            bytes.size(), hash.data(), nullptr) != nullptr);
  return hash;
}

bool equal_in_constant_time(std::string_view one, std::string_view other) {
  return one.size() == other.size() && CRYPTO_memcmp(one.data(), other.data(), one.size()) == 0;
}

std::string_view as_bytes(const hash_256& hash) {
  return {reinterpret_cast<const char*>(hash.data()), hash.size()};
}

} // namespace hubbub
