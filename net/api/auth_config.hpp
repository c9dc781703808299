#pragma once

#include <chrono>
#include <string>

namespace hubbub {

/// How users prove their names. Without a key there is nothing to prove: that is open mode.
struct auth_config {
  std::string jwt_secret;      ///< of HS256
  std::string jwt_secret_file; ///< the same in a file
  std::string jwt_public_key;  ///< files with public keys in PEM, with commas between
  std::string jwks;            ///< a file with a key set
  std::string jwt_issuer;      ///< see `claim_rules`
  std::string jwt_audience;    ///< see `claim_rules`
  std::chrono::milliseconds jwt_leeway{60'000}; ///< what clocks may differ by
  std::string api_key_file;                     ///< see `parse_api_keys`
};

} // namespace hubbub
