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

/// The keys that tokens are checked with. Several at once, so that an issuer can change keys
/// while tokens of the old one are about. A key's type decides the algorithm, and a key is only
/// asked about tokens of that algorithm: a public key can never be taken for a secret.
///
/// Built by one thread; from then on immutable, and any thread may verify.
class token_keys {
 public:
  /// A shorter secret can be found by trying (RFC 7518, 3.2).
  static constexpr std::size_t min_secret_bytes = 32;
  static constexpr std::size_t max_keys = 200;

  token_keys();
  ~token_keys();
  token_keys(token_keys&&) noexcept;
  token_keys& operator=(token_keys&&) noexcept;

  // Each adds keys, or gives one sentence that says why not; it shows nothing of the key.
  [[nodiscard]] expected<void, std::string> add_secret(std::string secret,
                                                       std::string key_id = {});
  /// Public keys in PEM, one after the other: RSA of at least 2,048 bits, P-256, Ed25519.
  [[nodiscard]] expected<void, std::string> add_pem(std::string_view pem);
  /// As `parse_jwks` reads them. What comes back are the sentences about keys that are of no
  /// use and ignored; it fails where none is left.
  [[nodiscard]] expected<std::vector<std::string>, std::string> add_jwks(std::string_view text);

  [[nodiscard]] bool empty() const;
  /// Was it signed with one of the keys? A token that names a key that is here by its `kid` is
  /// checked with that one alone, any other with all that have no id, or, if it names none,
  /// with all.
  [[nodiscard]] bool verify(const jwt& token) const;

 private:
  struct key;
  [[nodiscard]] expected<void, std::string> add(key added);
  [[nodiscard]] bool knows(const jwt& token) const;

  std::vector<key> keys_;
};

} // namespace hubbub
