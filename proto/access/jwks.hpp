#pragma once

#include "proto/expected.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

/// Sets of keys as JSON (RFC 7517), as identity providers publish them.
namespace hubbub {

struct rsa_public_key {
  std::string modulus; ///< big-endian, as are all numbers here
  std::string exponent;
};
/// A point of P-256.
struct p256_public_key {
  std::string x; ///< 32 bytes
  std::string y; ///< 32 bytes
};
struct ed25519_public_key {
  std::string point; ///< 32 bytes
};
struct shared_key {
  std::string secret;
};

struct jwk {
  std::string key_id; ///< empty: none
  std::variant<rsa_public_key, p256_public_key, ed25519_public_key, shared_key> key;
};

inline constexpr std::size_t max_jwks_bytes = 262'144;
inline constexpr std::size_t max_jwks_keys = 100;

/// The keys of a set that can check tokens' signatures; others (for encryption, of other types
/// or algorithms) are passed over, as the RFC asks. A key's type decides the algorithm: RSA is
/// RS256, P-256 ES256, Ed25519 EdDSA, oct HS256. The error is a sentence: what is no set, a key
/// of ours that is malformed, two keys with one id, or no key at all.
[[nodiscard]] expected<std::vector<jwk>, std::string> parse_jwks(std::string_view text);

} // namespace hubbub
