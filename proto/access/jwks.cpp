#include "proto/access/jwks.hpp"

#include "proto/json/base64.hpp"
#include "proto/json/json.hpp"
#include "proto/json/text.hpp"
#include "proto/limits.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace hubbub {
namespace {

constexpr std::size_t curve_bytes = 32;
/// RSA keys have 2,048 to 16,384 bits.
constexpr std::size_t min_rsa_bytes = 256;
constexpr std::size_t max_rsa_bytes = 2'048;
constexpr std::size_t max_exponent_bytes = 8;
/// As long as the hash (RFC 7518, 3.2).
constexpr std::size_t min_secret_bytes = 32;

using any_key = decltype(jwk::key);

std::optional<std::string> bytes_of(json::value key, std::string_view name, std::size_t min,
                                    std::size_t max) {
  const auto text = key.find(name).string();
  auto bytes = text ? decode_base64url(*text) : std::nullopt;
  if (bytes && (bytes->size() < min || bytes->size() > max)) return std::nullopt;
  return bytes;
}

bool is(json::value key, std::string_view name, std::string_view wanted) {
  return key.find(name).string() == wanted;
}

/// Where the field is there, it must say so.
bool is_or_absent(json::value key, std::string_view name, std::string_view wanted) {
  return !key.find(name).exists() || is(key, name, wanted);
}

enum class kind { rsa, p256, ed25519, shared, other };

kind kind_of(json::value key) {
  if (!is_or_absent(key, "use", "sig")) return kind::other;
  if (is(key, "kty", "RSA") && is_or_absent(key, "alg", "RS256")) return kind::rsa;
  if (is(key, "kty", "EC") && is(key, "crv", "P-256") && is_or_absent(key, "alg", "ES256"))
    return kind::p256;
  if (is(key, "kty", "OKP") && is(key, "crv", "Ed25519") &&
      (is_or_absent(key, "alg", "EdDSA") || is(key, "alg", "Ed25519")))
    return kind::ed25519;
  if (is(key, "kty", "oct") && is_or_absent(key, "alg", "HS256")) return kind::shared;
  return kind::other;
}

std::optional<any_key> key_of(json::value from, kind which) {
  switch (which) {
  case kind::rsa: {
    auto modulus = bytes_of(from, "n", min_rsa_bytes, max_rsa_bytes);
    auto exponent = bytes_of(from, "e", 1, max_exponent_bytes);
    if (!modulus || !exponent) return std::nullopt;
    return rsa_public_key{std::move(*modulus), std::move(*exponent)};
  }
  case kind::p256: {
    auto x = bytes_of(from, "x", curve_bytes, curve_bytes);
    auto y = bytes_of(from, "y", curve_bytes, curve_bytes);
    if (!x || !y) return std::nullopt;
    return p256_public_key{std::move(*x), std::move(*y)};
  }
  case kind::ed25519: {
    auto point = bytes_of(from, "x", curve_bytes, curve_bytes);
    if (!point) return std::nullopt;
    return ed25519_public_key{std::move(*point)};
  }
  case kind::shared: {
    auto secret = bytes_of(from, "k", min_secret_bytes, max_rsa_bytes);
    if (!secret) return std::nullopt;
    return shared_key{std::move(*secret)};
  }
  case kind::other: break;
  }
  return std::nullopt;
}

} // namespace

expected<std::vector<jwk>, std::string> parse_jwks(std::string_view text) {
  const auto refuse = [](std::string_view why) {
    return unexpected<std::string>(std::string{why});
  };
  if (text.size() > max_jwks_bytes) return refuse("the key set is too large");
  if (!valid_utf8(text)) return refuse("the key set is not UTF-8");
  const auto parsed = json::parse(text, max_json_depth);
  const auto list = parsed ? parsed->root().find("keys") : json::value{};
  if (!list.is_array()) return refuse("this is not a key set (an object with an array 'keys')");
  if (list.size() > max_jwks_keys) return refuse("the key set holds too many keys");
  std::vector<jwk> keys;
  for (std::size_t i = 0; i < list.size(); ++i) {
    const auto each = list.at(i);
    const auto which = kind_of(each);
    if (which == kind::other) continue;
    auto key = key_of(each, which);
    const auto id = each.find("kid").string();
    if (!key || (each.find("kid").exists() && !id))
      return refuse("key " + std::to_string(i + 1) + " of the set is malformed or too short");
    if (id && std::ranges::find(keys, *id, &jwk::key_id) != keys.end())
      return refuse("two keys of the set have the same kid");
    keys.push_back({std::string{id.value_or("")}, std::move(*key)});
  }
  if (keys.empty()) return refuse("the key set holds no key that can check tokens");
  return keys;
}

} // namespace hubbub
