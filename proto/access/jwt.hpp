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

/// Tokens: JSON Web Tokens in their compact form (RFC 7519, RFC 7515). Here they are read;
/// whether their signature is good is for the keys to say (actors/session/token_keys.hpp), and
/// only then counts what they claim.
namespace hubbub {

/// What a signature can be made with. `none` is not among them.
enum class jwt_algorithm : std::uint8_t { hs256, rs256, es256, eddsa };

/// A longer token is refused unread.
inline constexpr std::size_t max_token_bytes = 8'192;
/// Rooms or patterns one token may name.
inline constexpr std::size_t max_token_rooms = 1'000;

/// Why a token lets nobody in; the code of a CONNECT_ERROR.
enum class token_fault : std::uint8_t {
  missing, ///< there is none
  invalid, ///< malformed, forged, for somebody else, or not valid yet
  expired, ///< a new one is needed
};
/// `token_missing`, `token_invalid`, `token_expired`.
[[nodiscard]] std::string_view wire_name(token_fault fault);

struct token_refusal {
  token_fault fault = token_fault::invalid;
  std::string message; ///< a sentence; holds nothing of the token or the keys
};

/// A token that was read. What it claims is true only if `signature` fits.
struct jwt {
  jwt_algorithm algorithm = jwt_algorithm::hs256;
  std::optional<std::string> key_id; ///< `kid`
  std::string signed_part;           ///< what was signed: the text up to the second dot
  std::string signature;             ///< bytes
  std::string user_id;               ///< `sub`
  std::string username;              ///< `name` as it is shown, else `sub`
  std::optional<timestamp> expires_at;
  std::optional<timestamp> not_before;
  std::optional<std::string> issuer;
  std::vector<std::string> audience;
  access_scope scope = access_scope::write; ///< where the token says nothing
  std::optional<std::vector<std::string>> rooms;
};

/// Reads a token. The error is a sentence. Refused are: an algorithm that is not one of ours,
/// `crit`, names that are there twice, claims of another type than theirs, a `sub` that could
/// not be a username as it stands.
[[nodiscard]] expected<jwt, std::string> parse_jwt(std::string_view text,
                                                   const chat_limits& limits);

/// A token without `Bearer ` in front of it, which belongs into a header of HTTP.
[[nodiscard]] std::string_view without_scheme(std::string_view token);

/// Whose tokens are taken.
struct claim_rules {
  std::string issuer = {};   ///< `iss` must be this; empty: anybody's
  std::string audience = {}; ///< `aud` must be or hold this; empty: nobody is asked
  /// How much the issuer's clock may differ from this one.
  std::chrono::milliseconds leeway{60'000};
};

/// What a token allows, whose signature was found good. The access expires when the token does,
/// the leeway included.
[[nodiscard]] expected<access_ptr, token_refusal>
grant(const jwt& token, const claim_rules& rules, timestamp now);

/// The text of a token but for its signature, with the header of `HS256`. `rooms` and
/// `expires_at` only where they are set; `expires_at` in whole seconds.
[[nodiscard]] std::string unsigned_jwt(const access& what, const claim_rules& rules,
                                       timestamp now);

/// `read`, `write`, `admin`; nothing else.
[[nodiscard]] std::optional<access_scope> parse_scope(std::string_view word);

} // namespace hubbub
