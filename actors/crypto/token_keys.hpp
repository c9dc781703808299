#pragma once

#include "proto/access/jwks.hpp"
#include "proto/access/jwt.hpp"
#include "proto/expected.hpp"

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace hubbub {

/// The keys that tokens are verified with. There may be several, so that an issuer can change
/// keys while tokens of the old one are still in use. A key's type decides the algorithm, and a
/// key only verifies tokens of that algorithm: a public key can never be taken for a secret.
///
/// Built by one thread; then immutable, and any thread may verify.
class token_keys {
 public:
  /// Shortest secret, in bytes; a shorter one could be found by trying (RFC 7518, 3.2).
  static constexpr std::size_t min_secret_bytes = 32;
  static constexpr std::size_t max_keys = 200;

  token_keys();
  ~token_keys();
  token_keys(token_keys&&) noexcept;
  token_keys& operator=(token_keys&&) noexcept;

  // Each function adds keys, or returns one sentence that says why not and shows nothing of the
  // key.
  [[nodiscard]] expected<void, std::string> add_secret(std::string secret,
                                                       std::string key_id = {});
  /// Adds public keys in PEM, one after the other: RSA of at least 2,048 bits, P-256, Ed25519.
  [[nodiscard]] expected<void, std::string> add_pem(std::string_view pem);
  /// Adds the keys of a set, as `parse_jwks` reads them. Returns a sentence for each key that
  /// is unusable and ignored; fails if no key is usable.
  [[nodiscard]] expected<std::vector<std::string>, std::string> add_jwks(std::string_view text);

  [[nodiscard]] bool empty() const;
  /// True if the token was signed with one of the keys. A token with the `kid` of a known key
  /// is checked with that key only, one with another `kid` with all keys that have no id, and
  /// one without a `kid` with all keys.
  [[nodiscard]] bool verify(const jwt& token) const;

 private:
  struct key;
  [[nodiscard]] expected<void, std::string> add(key added);
  [[nodiscard]] bool knows(const jwt& token) const;

  std::vector<key> keys_;
};

} // namespace hubbub
