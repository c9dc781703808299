#pragma once

#include "actors/crypto/secret_hash.hpp"
#include "actors/session/authenticator.hpp"
#include "proto/access/jwt.hpp"
#include "proto/json/base64.hpp"
#include "tests/support/catch.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hubbub::test {

inline constexpr std::string_view test_secret = "a secret that is long enough for it";
/// The text of the key whose line is `test_api_key()`.
inline constexpr std::string_view api_key_text = "hbk_0123456789abcdef0123456789abcdef";

/// Returns `header.payload`, signed with HS256.
inline std::string signed_token(std::string_view header, std::string_view payload,
                                std::string_view secret = test_secret) {
  std::string text;
  append_base64url(text, header);
  text += '.';
  append_base64url(text, payload);
  const auto signature = hmac_sha256(secret, text);
  text += '.';
  append_base64url(text, as_bytes(signature));
  return text;
}
/// Returns a valid token with these claims, which are JSON without the braces.
inline std::string token_with(std::string_view claims, std::string_view secret = test_secret) {
  return signed_token(R"({"alg":"HS256"})", "{" + std::string{claims} + "}", secret);
}

/// Returns an authenticator that accepts tokens of the secret, and the one API key.
inline authenticator_ptr test_authenticator(std::string_view secret = test_secret) {
  token_keys keys;
  REQUIRE(keys.add_secret(std::string{secret}));
  claim_rules rules;
  rules.leeway = std::chrono::milliseconds{0};
  return std::make_shared<const authenticator>(
      std::move(keys), rules, std::vector{api_key_record{"billing", sha256(api_key_text)}},
      chat_limits{});
}
/// Returns an authenticator for open mode, with the same API key.
inline authenticator_ptr open_authenticator() {
  return std::make_shared<const authenticator>(
      token_keys{}, claim_rules{}, std::vector{api_key_record{"billing", sha256(api_key_text)}},
      chat_limits{});
}

} // namespace hubbub::test
