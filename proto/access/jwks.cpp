#include "proto/access/jwks.hpp"

#include "proto/json/base64.hpp"
#include "proto/json/json.hpp"
#include "proto/json/text.hpp"
#include "proto/limits.hpp"

#include <optional>
#include <utility>

namespace hubbub {
namespace {

constexpr std::size_t curve_bytes = 32;
/// Shortest modulus of an RSA key, in bytes: keys have 2,048 to 16,384 bits.
constexpr std::size_t min_rsa_bytes = 256;
constexpr std::size_t max_rsa_bytes = 2'048;
constexpr std::size_t max_exponent_bytes = 8;
/// Shortest secret, in bytes: as long as the hash (RFC 7518, 3.2).
constexpr std::size_t min_secret_bytes = 32;

/// Longest `kid` that appears in error messages.
constexpr std::size_t max_shown_id = 64;

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

/// True if the field is absent or equals `wanted`. A field that is `null` does not equal it.
bool is_or_absent(json::value key, std::string_view name, std::string_view wanted) {
  const auto found = key.find(name);
  return !found.exists() || found.is_null() || is(key, name, wanted);
}

using read_key = expected<any_key, std::string>;

unexpected<std::string> useless(std::string_view why) {
  return unexpected<std::string>(std::string{why});
}

read_key read_rsa(json::value from) {
  auto modulus = bytes_of(from, "n", min_rsa_bytes, max_rsa_bytes);
  auto exponent = bytes_of(from, "e", 1, max_exponent_bytes);
  if (!modulus)
    return useless("its n is not 2,048 to 16,384 bits in base64url without padding");
  if (!exponent) return useless("its e is not 1 to 8 bytes in base64url without padding");
  return rsa_public_key{std::move(*modulus), std::move(*exponent)};
}

read_key read_p256(json::value from) {
  auto x = bytes_of(from, "x", curve_bytes, curve_bytes);
  auto y = bytes_of(from, "y", curve_bytes, curve_bytes);
  if (!x || !y) return useless("its x and y are not 32 bytes each in base64url");
  return p256_public_key{std::move(*x), std::move(*y)};
}

read_key read_ed25519(json::value from) {
  auto point = bytes_of(from, "x", curve_bytes, curve_bytes);
  if (!point) return useless("its x is not 32 bytes in base64url");
  return ed25519_public_key{std::move(*point)};
}

read_key read_shared(json::value from) {
  auto secret = bytes_of(from, "k", min_secret_bytes, max_rsa_bytes);
  if (!secret) return useless("its k is not at least 32 bytes in base64url without padding");
  return shared_key{std::move(*secret)};
}

read_key read(json::value key) {
  if (!key.is_object()) return useless("it is not an object");
  if (!is_or_absent(key, "use", "sig")) return useless("its use is not sig");
  if (key.find("kid").exists() && !key.find("kid").is_null() && !key.find("kid").string())
    return useless("its kid is not a string");
  if (is(key, "kty", "RSA") && is_or_absent(key, "alg", "RS256")) return read_rsa(key);
  if (is(key, "kty", "EC") && is(key, "crv", "P-256") && is_or_absent(key, "alg", "ES256"))
    return read_p256(key);
  if (is(key, "kty", "OKP") && is(key, "crv", "Ed25519") &&
      (is_or_absent(key, "alg", "EdDSA") || is(key, "alg", "Ed25519")))
    return read_ed25519(key);
  if (is(key, "kty", "oct") && is_or_absent(key, "alg", "HS256")) return read_shared(key);
  return useless("its type, curve or algorithm is not one that is taken here");
}

} // namespace

std::string key_title(std::size_t index, std::string_view key_id) {
  auto title = "key " + std::to_string(index + 1);
  if (key_id.empty() || key_id.size() > max_shown_id || !valid_utf8(key_id)) return title;
  title += " (";
  json::append_string(title, key_id);
  return title + ')';
}

std::string no_usable_key(const std::vector<std::string>& ignored) {
  std::string why = "the key set holds no key that can check tokens";
  return ignored.empty() ? why : why + ": " + ignored.front();
}

expected<key_set, std::string> parse_jwks(std::string_view text) {
  const auto refuse = [](std::string_view why) {
    return unexpected<std::string>(std::string{why});
  };
  if (text.size() > max_jwks_bytes) return refuse("the key set is too large");
  if (!valid_utf8(text)) return refuse("the key set is not UTF-8");
  const auto parsed = json::parse(text, max_json_depth);
  const auto list = parsed ? parsed->root().find("keys") : json::value{};
  if (!list.is_array()) return refuse("this is not a key set (an object with an array 'keys')");
  if (list.size() > max_jwks_keys) return refuse("the key set holds too many keys");
  key_set set;
  for (std::size_t i = 0; i < list.size(); ++i) {
    const auto id = std::string{list.at(i).find("kid").string().value_or("")};
    if (auto key = read(list.at(i)))
      set.keys.push_back({id, i, std::move(*key)});
    else
      set.ignored.push_back(key_title(i, id) + " is ignored: " + key.error());
  }
  if (set.keys.empty()) return unexpected(no_usable_key(set.ignored));
  return set;
}

} // namespace hubbub
