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
expected<std::vector<jwk>, std::string> parse(const std::string& keys) {
  return parse_jwks(R"({"keys":[)" + keys + "]}");
}

} // namespace

TEST_CASE("a set holds keys of four types") {
  const auto keys =
      parse(rsa(256, R"(,"kid":"a","use":"sig","alg":"RS256")") + "," + p256(R"(,"kid":"b")") +
            "," + ed25519(R"(,"kid":"c","alg":"EdDSA")") + "," + oct(32));
  REQUIRE(keys);
  REQUIRE(keys->size() == 4);
  CHECK(keys->at(0).key_id == "a");
  CHECK(std::get<rsa_public_key>(keys->at(0).key).exponent == "\x01\x00\x01"s);
  CHECK(std::get<p256_public_key>(keys->at(1).key).y.size() == 32);
  CHECK(std::get<ed25519_public_key>(keys->at(2).key).point.size() == 32);
  CHECK(keys->at(3).key_id.empty());
  CHECK(std::get<shared_key>(keys->at(3).key).secret.size() == 32);
}

TEST_CASE("keys for other ends are passed over") {
  const auto keys = parse(rsa(256, R"(,"use":"enc")") + "," + rsa(256, R"(,"alg":"PS256")") +
                          "," + rsa(256, R"(,"alg":"HS256")") +
                          R"(,{"kty":"EC","crv":"P-384","x":"AA","y":"AA"},)" +
                          R"({"kty":"OKP","crv":"X25519","x":"AA"},{"kty":"new"},{},7,)" +
                          oct(32, R"(,"alg":"RS256")") + "," + ed25519());
  REQUIRE(keys);
  REQUIRE(keys->size() == 1);
  CHECK(std::holds_alternative<ed25519_public_key>(keys->front().key));
}

TEST_CASE("a key of ours that is malformed or weak spoils the set") {
  for (const auto& bad :
       {rsa(255), rsa(2'049), oct(31), R"({"kty":"RSA","n":"AQAB"})"s,
        R"({"kty":"EC","crv":"P-256","x":"AA","y":"AA"})"s, R"({"kty":"OKP","crv":"Ed25519"})"s,
        R"({"kty":"oct","k":"a+b="})"s, ed25519(R"(,"kid":7)")})
    CHECK_FALSE(parse(ed25519() + "," + bad));
}

TEST_CASE("two keys with one id spoil the set; two without do not") {
  CHECK_FALSE(parse(ed25519(R"(,"kid":"a")") + "," + p256(R"(,"kid":"a")")));
  CHECK(parse(ed25519() + "," + p256()));
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
