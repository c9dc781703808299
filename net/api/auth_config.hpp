#pragma once

#include "actors/session/authenticator.hpp"
#include "proto/expected.hpp"

#include <chrono>
#include <string>

namespace hubbub {

/// How users prove their names. Without any key the server is in open mode, where nobody needs
/// to.
struct auth_config {
  std::string jwt_secret;      ///< the secret of HS256
  std::string jwt_secret_file; ///< a file with the secret of HS256
  std::string jwt_public_key;  ///< files with public keys in PEM, separated by commas
  std::string jwks;            ///< a file with a key set
  std::string jwt_issuer;      ///< see `claim_rules`
  std::string jwt_audience;    ///< see `claim_rules`
  std::chrono::milliseconds jwt_leeway{60'000}; ///< tolerated difference between clocks
  std::string api_key_file;                     ///< see `parse_api_keys`
  own_token_check own_check; ///< checks tokens instead of keys, if set; it is not a setting

  /// Checks that no two settings contradict each other. The error is one sentence.
  [[nodiscard]] expected<void, std::string> validate() const {
    if (!jwt_secret.empty() && !jwt_secret_file.empty())
      return unexpected<std::string>(
          "either jwt_secret or jwt_secret_file can be set, not both");
    return {};
  }
};

} // namespace hubbub
