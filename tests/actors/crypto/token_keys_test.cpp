#include "actors/crypto/token_keys.hpp"
#include "proto/json/base64.hpp"
#include "tests/actors/crypto/token_samples.hpp"
#include "tests/actors/session/tokens.hpp"

#include <algorithm>
#include <string>
#include <string_view>

using namespace hubbub;
using namespace hubbub::test;

namespace {

bool verifies(const token_keys& keys, std::string_view token) {
  const auto read = parse_jwt(token, chat_limits{});
  REQUIRE(read);
  return keys.verify(*read);
}
token_keys with_pem(std::string_view pem) {
  token_keys keys;
  REQUIRE(keys.add_pem(pem));
  return keys;
}
std::string set_of(std::initializer_list<std::string_view> keys) {
  std::string text;
  for (const auto key : keys)
    text.append(text.empty() ? R"({"keys":[)" : ",").append(key);
  return text + "]}";
}
/// Returns the key with a `kid`.
std::string named(std::string_view key, std::string_view id) {
  return R"({"kid":")" + std::string{id} + "\"," + std::string{key.substr(1)};
}
token_keys with_set(std::initializer_list<std::string_view> all) {
  token_keys keys;
  REQUIRE(keys.add_jwks(set_of(all)));
  return keys;
}

} // namespace

TEST_CASE("tokens of another implementation verify with their key, from PEM and from a set") {
  CHECK(verifies(with_pem(rs256_pem), rs256_token));
  CHECK(verifies(with_pem(es256_pem), es256_token));
  CHECK(verifies(with_pem(eddsa_pem), eddsa_token));
  CHECK(verifies(with_set({rs256_jwk}), rs256_token));
  CHECK(verifies(with_set({es256_jwk}), es256_token));
  CHECK(verifies(with_set({eddsa_jwk}), eddsa_token));
  token_keys secret;
  REQUIRE(secret.add_secret(std::string{test_secret}));
  CHECK(verifies(secret, hs256_token));
}

TEST_CASE("a key verifies nothing but what was signed with it") {
  const auto& all = {rs256_token, es256_token, eddsa_token, hs256_token};
  const auto count = [&](const token_keys& keys) {
    return std::ranges::count_if(all, [&](auto token) { return verifies(keys, token); });
  };
  CHECK(count(token_keys{}) == 0);
  CHECK(count(with_pem(rs256_pem)) == 1);
  CHECK(count(with_pem(es256_pem)) == 1);
  CHECK(count(with_pem(eddsa_pem)) == 1);
  token_keys other;
  REQUIRE(other.add_secret(std::string(32, 'x')));
  CHECK(count(other) == 0);
}

TEST_CASE("a public key is never a secret: algorithm confusion is refused") {
  CHECK_FALSE(verifies(with_pem(rs256_pem), confused_token));
  CHECK_FALSE(verifies(with_set({rs256_jwk}), confused_token));
}

TEST_CASE("a signature of ES256 is two numbers, not DER") {
  CHECK_FALSE(verifies(with_pem(es256_pem), es256_der_token));
}

TEST_CASE("a token that was changed anywhere does not verify") {
  token_keys keys;
  REQUIRE(keys.add_pem(std::string{rs256_pem} + std::string{es256_pem}));
  REQUIRE(keys.add_pem(eddsa_pem));
  REQUIRE(keys.add_secret(std::string{test_secret}));
  for (const auto token : {rs256_token, es256_token, eddsa_token, hs256_token}) {
    const auto good = parse_jwt(token, chat_limits{});
    REQUIRE(good);
    REQUIRE(keys.verify(*good));
    for (std::size_t i = 0; i < good->signature.size(); ++i) {
      auto forged = *good;
      forged.signature[i] = static_cast<char>(forged.signature[i] ^ 1);
      CHECK_FALSE(keys.verify(forged));
    }
    for (std::size_t i = 0; i < good->signed_part.size(); ++i) {
      auto forged = *good;
      forged.signed_part[i] = static_cast<char>(forged.signed_part[i] ^ 1);
      CHECK_FALSE(keys.verify(forged));
    }
    for (const auto& signature :
         {std::string{}, good->signature.substr(1), good->signature + '\0',
          std::string(good->signature.size(), '\0'),
          std::string(good->signature.size(), '\xff')}) {
      auto forged = *good;
      forged.signature = signature;
      CHECK_FALSE(keys.verify(forged));
    }
  }
}

TEST_CASE("several keys hold at once, found by their id where the token names one") {
  // The token names "two".
  CHECK(verifies(with_set({named(es256_jwk, "one"), named(rs256_jwk, "two")}),
                 rs256_kid_two_token));
  CHECK_FALSE(verifies(with_set({named(rs256_jwk, "one")}), rs256_kid_two_token));
  CHECK_FALSE(verifies(with_set({named(rs256_jwk, "one"), named(es256_jwk, "two")}),
                       rs256_kid_two_token));
  // A key without an id may be the one of any token.
  CHECK(verifies(with_set({rs256_jwk}), rs256_kid_two_token));
  CHECK(verifies(with_pem(rs256_pem), rs256_kid_two_token));
  // A token that names no key is tried with all.
  CHECK(verifies(with_set({named(rs256_jwk, "one")}), rs256_token));
  token_keys rotating;
  REQUIRE(rotating.add_secret(std::string(32, 'n')));
  REQUIRE(rotating.add_secret(std::string{test_secret}));
  CHECK(verifies(rotating, hs256_token));
}

TEST_CASE("weak, private and foreign keys are refused, and said so without showing them") {
  const auto refusal = [](std::string_view pem) {
    token_keys keys;
    const auto done = keys.add_pem(pem);
    REQUIRE_FALSE(done);
    CHECK(keys.empty());
    return done.error();
  };
  CHECK(refusal(weak_rsa_pem).find("2048") != std::string::npos);
  CHECK(refusal(p384_pem).find("P-256") != std::string::npos);
  CHECK(refusal("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n")
            .find("private") != std::string::npos);
  CHECK(refusal("").find("PEM") != std::string::npos);
  CHECK(refusal("hunter2").find("hunter2") == std::string::npos);
  CHECK(refusal("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n").find("PEM") !=
        std::string::npos);
  token_keys keys;
  CHECK_FALSE(keys.add_pem(std::string{eddsa_pem}.append(
      "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n")));
  CHECK_FALSE(keys.add_secret(std::string(31, 's')));
  CHECK_FALSE(keys.add_jwks("{}"));
}

TEST_CASE("a point that is on no curve is ignored, and refused where nothing else is there") {
  constexpr std::string_view off_curve =
      R"({"kty":"EC","crv":"P-256","x":"AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE",)"
      R"("y":"AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE"})";
  token_keys keys;
  CHECK_FALSE(keys.add_jwks(set_of({off_curve})));
  const auto ignored = keys.add_jwks(set_of({off_curve, es256_jwk}));
  REQUIRE(ignored);
  CHECK(*ignored ==
        std::vector<std::string>{"key 1 is ignored: its numbers are those of no key"});
  CHECK(verifies(keys, es256_token));
}

TEST_CASE("keys of one id and of several types check each their own tokens") {
  const auto keys = with_set({named(es256_jwk, "a"), named(rs256_jwk, "a"),
                              R"({"kty":"EC","crv":"P-256","kid":"a","x":"AQ"})"});
  for (const auto* alg : {"ES256", "RS256"}) {
    CAPTURE(alg);
    CHECK(verifies(keys, alg == std::string_view{"ES256"} ? es256_token : rs256_token));
  }
}
