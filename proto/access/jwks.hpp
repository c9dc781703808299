#pragma once

#include "proto/expected.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

/// Reads sets of keys as JSON (RFC 7517), in the form in which identity providers publish them.
namespace hubbub {

struct rsa_public_key {
  std::string modulus; ///< big-endian, as are all numbers here
  std::string exponent;
};
/// A public key for ES256: a point of the curve P-256.
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
  std::string key_id;    ///< the key's `kid`; empty if it has none
  std::size_t index = 0; ///< the key's place in the set, from 0
  std::variant<rsa_public_key, p256_public_key, ed25519_public_key, shared_key> key;
};

struct key_set {
  std::vector<jwk> keys;
  /// One sentence for each key that is unusable. It names the key by its place and its `kid`.
  std::vector<std::string> ignored;
};

inline constexpr std::size_t max_jwks_bytes = 262'144;
inline constexpr std::size_t max_jwks_keys = 100;

/// Reads the keys of a set that can verify the signatures of tokens. Other keys are ignored, as
/// the RFC asks: those for encryption, of other types or algorithms, malformed or too short. A
/// key's type decides the algorithm: RSA is RS256, P-256 ES256, Ed25519 EdDSA, oct HS256.
/// Several keys may share one id. The error is a sentence: the text is not a set of keys, has
/// too many of them, or has no usable key.
[[nodiscard]] expected<key_set, std::string> parse_jwks(std::string_view text);

/// Returns the error message for a set without a usable key; it says what is wrong with the
/// first one.
[[nodiscard]] std::string no_usable_key(const std::vector<std::string>& ignored);
/// Returns the name of an ignored key for messages: `key 2 ("old")`.
[[nodiscard]] std::string key_title(std::size_t index, std::string_view key_id);

} // namespace hubbub
