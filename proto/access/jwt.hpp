#pragma once

#include "proto/access/access.hpp"
#include "proto/expected.hpp"
#include "proto/limits.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Reads tokens: JSON Web Tokens in their compact form (RFC 7519, RFC 7515). The signature is
/// checked elsewhere (actors/crypto/token_keys.hpp); until then the claims prove nothing.
namespace hubbub {

/// The signature algorithms that tokens may use. `none` is deliberately missing.
enum class jwt_algorithm : std::uint8_t { hs256, rs256, es256, eddsa };

/// Longest token that is read; a longer one is refused unread.
inline constexpr std::size_t max_token_bytes = 8'192;
/// Maximum number of rooms or patterns that one token may name.
inline constexpr std::size_t max_token_rooms = 1'000;

/// The reason why a token is refused; it is the code of a CONNECT_ERROR.
enum class token_fault : std::uint8_t {
  missing, ///< no token was sent
  invalid, ///< malformed, forged, issued for another audience, or not valid yet
  expired, ///< expired: a new one is needed
};
/// Returns the reason's name on the wire: `token_missing`, `token_invalid`, `token_expired`.
[[nodiscard]] std::string_view wire_name(token_fault fault);

struct token_refusal {
  token_fault fault = token_fault::invalid;
  std::string message;      ///< a sentence; contains nothing of the token or the keys
  std::string user_id = {}; ///< whose token it is, if its signature proves that
  /// The `shown_key_id` of a token that no key has signed. Nothing proves it.
  std::string key_id = {};
};

/// A parsed token. Its claims are true only if `signature` is valid.
struct jwt {
  jwt_algorithm algorithm = jwt_algorithm::hs256;
  std::optional<std::string> key_id; ///< the header's `kid`
  std::string signed_part;           ///< the text that was signed, up to the second dot
  std::string signature;             ///< the raw bytes of the signature
  std::string user_id;               ///< the claim `sub`
  std::string username;              ///< the claim `name` as it is shown, else `sub`
  std::optional<timestamp> expires_at;
  std::optional<timestamp> not_before;
  std::optional<std::string> issuer;
  std::vector<std::string> audience;
  access_scope scope = access_scope::write; ///< `write` where the token names no scope
  std::optional<std::vector<std::string>> rooms;
};

/// Parses a token. The error is a sentence. Refuses an unsupported algorithm, `crit`, repeated
/// names, claims of a wrong type, and a `sub` that could not be a username as it stands.
[[nodiscard]] expected<jwt, std::string> parse_jwt(std::string_view text,
                                                   const chat_limits& limits);

/// Returns the `kid` of a token as it may be shown though nothing proves it: at most 64
/// characters of ASCII, with `?` for each other byte. Empty if there is none.
[[nodiscard]] std::string shown_key_id(const jwt& token);

/// Returns `token` without a `Bearer ` in front of it, which belongs in an HTTP header.
[[nodiscard]] std::string_view without_scheme(std::string_view token);

/// The rules by which the claims of a token are accepted.
struct claim_rules {
  std::string issuer = {};   ///< `iss` must equal this; empty: any issuer is accepted
  std::string audience = {}; ///< `aud` must be or contain this; empty: `aud` is not checked
  /// Largest difference that is tolerated between the issuer's clock and this one.
  std::chrono::milliseconds leeway{60'000};
};

/// Returns the rights that a token grants, once its signature was verified. They expire when
/// the token does, plus the leeway.
[[nodiscard]] expected<access_ptr, token_refusal>
grant(const jwt& token, const claim_rules& rules, timestamp now);

/// Returns the text of a token without its signature, with the header for `HS256`. Writes
/// `rooms` and `expires_at` only where they are set, and `expires_at` in whole seconds.
[[nodiscard]] std::string unsigned_jwt(const access& what, const claim_rules& rules,
                                       timestamp now);

/// Parses `read`, `write` or `admin`; returns nothing for any other word.
[[nodiscard]] std::optional<access_scope> parse_scope(std::string_view word);

} // namespace hubbub
