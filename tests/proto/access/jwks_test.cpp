#include "proto/access/jwks.hpp"
#include "proto/json/base64.hpp"
#include "tests/support/catch.hpp"

#include <string>
#include <variant>

using namespace hubbub;
using namespace std::string_literals;

namespace {

std::string number(std::size_t bytes) {
  std::string text;
  append_base64url(text, std::string(bytes, '\x7f'));
  return text;
}
std::string rsa(std::size_t bytes, const std::string& more = {}) {
  return R"({"kty":"RSA","n":")" + number(bytes) + R"(","e":"AQAB")" + more + "}";
}
std::string p256(const std::string& more = {}) {
  return R"({"kty":"EC","crv":"P-256","x":")" + number(32) + R"(","y":")" + number(32) + '"' +
         more + "}";
}
std::string ed25519(const std::string& more = {}) {
  return R"({"kty":"OKP","crv":"Ed25519","x":")" + number(32) + '"' + more + "}";
}
std::string oct(std::size_t bytes, const std::string& more = {}) {
  return R"({"kty":"oct","k":")" + number(bytes) + '"' + more + "}";
}
expected<key_set, std::string> parse(const std::string& keys) {
  return parse_jwks(R"({"keys":[)" + keys + "]}");
}

} // namespace

TEST_CASE("a set holds keys of four types") {
  const auto set =
      parse(rsa(256, R"(,"kid":"a","use":"sig","alg":"RS256")") + "," + p256(R"(,"kid":"b")") +
            "," + ed25519(R"(,"kid":"c","alg":"EdDSA")") + "," + oct(32));
  REQUIRE(set);
  CHECK(set->ignored.empty());
  const auto* keys = &set->keys;
  REQUIRE(keys->size() == 4);
  CHECK(keys->at(0).key_id == "a");
  CHECK(std::get<rsa_public_key>(keys->at(0).key).exponent == "\x01\x00\x01"s);
  CHECK(std::get<p256_public_key>(keys->at(1).key).y.size() == 32);
  CHECK(std::get<ed25519_public_key>(keys->at(2).key).point.size() == 32);
  CHECK(keys->at(3).key_id.empty());
  CHECK(std::get<shared_key>(keys->at(3).key).secret.size() == 32);
}

TEST_CASE("keys for other ends are passed over") {
  const auto set = parse(rsa(256, R"(,"use":"enc")") + "," + rsa(256, R"(,"alg":"PS256")") +
                         "," + rsa(256, R"(,"alg":"HS256")") +
                         R"(,{"kty":"EC","crv":"P-384","x":"AA","y":"AA"},)" +
                         R"({"kty":"OKP","crv":"X25519","x":"AA"},{"kty":"new"},{},7,)" +
                         oct(32, R"(,"alg":"RS256")") + "," + ed25519());
  REQUIRE(set);
  REQUIRE(set->keys.size() == 1);
  CHECK(std::holds_alternative<ed25519_public_key>(set->keys.front().key));
  CHECK(set->keys.front().index == 9);
  REQUIRE(set->ignored.size() == 9);
  CHECK(set->ignored.front() == "key 1 is ignored: its use is not sig");
}

TEST_CASE("a key of ours that is malformed or weak spoils no other") {
  for (const auto& bad :
       {rsa(255), rsa(2'049), oct(31), R"({"kty":"RSA","n":"AQAB"})"s,
        R"({"kty":"EC","crv":"P-256","x":"AA","y":"AA"})"s, R"({"kty":"OKP","crv":"Ed25519"})"s,
        R"({"kty":"oct","k":"a+b="})"s, ed25519(R"(,"kid":7)"), rsa(128),
        R"({"kty":"EC","crv":"P-256","x":")" + number(32) + "\"}",
        R"({"kty":"RSA","e":"AQAB","n":")" + number(256) + "==\"}", "null"s}) {
    CAPTURE(bad);
    for (const auto& both : {ed25519() + "," + bad, bad + "," + ed25519()}) {
      const auto set = parse(both);
      REQUIRE(set);
      CHECK(set->keys.size() == 1);
      CHECK(set->ignored.size() == 1);
    }
    const auto alone = parse(bad);
    REQUIRE_FALSE(alone);
    CHECK(alone.error().starts_with(
        "the key set holds no key that can check tokens: key 1 is ignored: "));
  }
}

TEST_CASE("what is null is absent") {
  const auto set = parse(ed25519(R"(,"kid":null,"use":null,"alg":null)"));
  REQUIRE(set);
  REQUIRE(set->keys.size() == 1);
  CHECK(set->keys.front().key_id.empty());
}

TEST_CASE("several keys may have one id") {
  const auto set = parse(ed25519(R"(,"kid":"a")") + "," + p256(R"(,"kid":"a")") + "," +
                         rsa(256, R"(,"kid":"a","use":"enc")"));
  REQUIRE(set);
  CHECK(set->keys.size() == 2);
  REQUIRE(set->ignored.size() == 1);
  CHECK(set->ignored.front() == R"(key 3 ("a") is ignored: its use is not sig)");
}

TEST_CASE("what is no set is refused") {
  for (const auto* text : {"", "{}", "[]", R"({"keys":{}})", R"({"keys":[]})",
                           R"({"keys":[{}]})", "{\"keys\":[],\"x\":\"\xff\"}", R"({"keys":[)"})
    CHECK_FALSE(parse_jwks(text));
  std::string many = ed25519();
  for (std::size_t i = 0; i < max_jwks_keys; ++i)
    many += "," + ed25519();
  CHECK_FALSE(parse(many));
  CHECK_FALSE(parse_jwks(std::string(max_jwks_bytes + 1, ' ')));
}
