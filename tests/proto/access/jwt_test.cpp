#include "proto/access/jwt.hpp"
#include "proto/json/base64.hpp"
#include "proto/json/json.hpp"
#include "tests/support/catch.hpp"

#include <string>
#include <vector>

using namespace hubbub;

namespace {

const chat_limits limits;
constexpr timestamp now{1'700'000'000'000};
constexpr std::string_view plain_header = R"({"alg":"HS256"})";

std::string url(std::string_view bytes) {
  std::string text;
  append_base64url(text, bytes);
  return text;
}
std::string token_of(std::string_view header, std::string_view payload) {
  return url(header) + '.' + url(payload) + "." + url("signature");
}
expected<jwt, std::string> parse_token(std::string_view payload,
                                       std::string_view header = plain_header) {
  return parse_jwt(token_of(header, payload), limits);
}
/// Parses a token with these claims and a usable `sub`.
expected<jwt, std::string> claim(const std::string& claims) {
  return parse_token(R"({"sub":"ann",)" + claims + "}");
}
expected<access_ptr, token_refusal> granted(const std::string& claims,
                                            const claim_rules& rules = {}) {
  const auto token = claim(claims);
  REQUIRE(token);
  return grant(*token, rules, now);
}
token_fault fault_of(const std::string& claims, const claim_rules& rules = {}) {
  const auto outcome = granted(claims, rules);
  REQUIRE_FALSE(outcome);
  CHECK(outcome.error().message.starts_with("the token"));
  return outcome.error().fault;
}

} // namespace

TEST_CASE("the id of a token's key is shown cut and without what could mislead") {
  jwt token;
  CHECK(shown_key_id(token).empty());
  token.key_id = "2031-a_b.c";
  CHECK(shown_key_id(token) == "2031-a_b.c");
  token.key_id = "a\n\x1b[31m\x7f é";
  CHECK(shown_key_id(token) == "a??[31m? ??");
  token.key_id = std::string(500, 'k');
  CHECK(shown_key_id(token) == std::string(64, 'k'));
}

TEST_CASE("a token is read whole") {
  const auto token = parse_token(R"({"sub":"u-1","name":" Zoë ","exp":1700000100,"nbf":1,
      "iss":"https://id.example","aud":["a","b"],"scope":"read openid","rooms":["tea","x-*"]})",
                                 R"({"typ":"JWT","alg":"ES256","kid":"k1"})");
  REQUIRE(token);
  CHECK(token->algorithm == jwt_algorithm::es256);
  CHECK(token->key_id == "k1");
  CHECK(token->user_id == "u-1");
  CHECK(token->username == "Zoë");
  CHECK(token->expires_at == timestamp{1'700'000'100'000});
  CHECK(token->not_before == timestamp{1'000});
  CHECK(token->issuer == "https://id.example");
  CHECK(token->audience == std::vector<std::string>{"a", "b"});
  CHECK(token->scope == access_scope::read);
  CHECK(token->rooms == std::vector<std::string>{"tea", "x-*"});
  CHECK(token->signature == "signature");
  CHECK(std::string{token->signed_part}.ends_with('.') == false);
  CHECK(token->signed_part.find('.') != std::string::npos);
}

TEST_CASE("what a token need not say has a default") {
  const auto token = parse_token(R"({"sub":"ann"})");
  REQUIRE(token);
  CHECK(token->username == "ann");
  CHECK(token->scope == access_scope::write);
  CHECK_FALSE(token->rooms);
  CHECK_FALSE(token->expires_at);
  CHECK_FALSE(token->key_id);
}

TEST_CASE("only five names of algorithms are known, spelled exactly") {
  const auto algorithm = [](const std::string& alg) {
    return parse_token(R"({"sub":"ann"})", R"({"alg":)" + alg + "}");
  };
  CHECK(algorithm(R"("HS256")")->algorithm == jwt_algorithm::hs256);
  CHECK(algorithm(R"("RS256")")->algorithm == jwt_algorithm::rs256);
  CHECK(algorithm(R"("EdDSA")")->algorithm == jwt_algorithm::eddsa);
  CHECK(algorithm(R"("Ed25519")")->algorithm == jwt_algorithm::eddsa);
  for (const auto* alg :
       {R"("none")", R"("None")", R"("hs256")", R"("HS512")", R"("PS256")", R"("ES256K")",
        R"("Ed448")", R"("ed25519")", R"("")", "null", "256", "[\"HS256\"]"})
    CHECK_FALSE(algorithm(alg));
  CHECK_FALSE(parse_token(R"({"sub":"ann"})", "{}"));
}

TEST_CASE("a header that asks for more than is known here is refused") {
  CHECK_FALSE(parse_token(R"({"sub":"ann"})", R"({"alg":"HS256","crit":["exp"]})"));
  CHECK_FALSE(parse_token(R"({"sub":"ann"})", R"({"alg":"HS256","kid":7})"));
  CHECK_FALSE(parse_token(R"({"sub":"ann"})",
                          R"({"alg":"HS256","kid":")" + std::string(600, 'k') + "\"}"));
  // Keys that a token contains or refers to are ignored.
  CHECK(parse_token(R"({"sub":"ann"})",
                    R"({"alg":"HS256","jku":"https://evil","jwk":{"kty":"oct"}})"));
}

TEST_CASE("the compact form is exact") {
  const auto header = url(plain_header);
  const auto payload = url(R"({"sub":"ann"})");
  CHECK(parse_jwt(header + '.' + payload + ".c2ln", limits));
  CHECK(parse_jwt(header + '.' + payload + ".", limits)); // no key will verify it
  for (const auto& text :
       {std::string{}, std::string{"."}, std::string{".."}, header, header + '.' + payload,
        header + '.' + payload + ".c2ln.", header + '.' + payload + ".c2ln.x",
        header + '.' + payload + ".c2ln ", ' ' + header + '.' + payload + ".c2ln",
        header + '.' + payload + ".c2ln\n", header + '.' + payload + ".c2ln=",
        header + '.' + payload + ".c2+n", header + '.' + payload + ".c2l", // bits left over
        header + '.' + payload + std::string(".c2\0n", 5), header + "=." + payload + ".c2ln"})
    CHECK_FALSE(parse_jwt(text, limits));
  CHECK_FALSE(
      parse_jwt(header + '.' + payload + '.' + std::string(max_token_bytes, 'A'), limits));
}

TEST_CASE("a payload is one JSON object, each name once") {
  for (const auto* text : {"", "null", "[]", R"("ann")", "{", R"({"sub":"ann"}x)",
                           R"({"sub":"ann","sub":"ann"})", R"({"sub":"ann","exp":1,"exp":2})",
                           R"({"sub":"ann","\u0073ub":"ben"})", "{\"sub\":\"a\xff\"}"})
    CHECK_FALSE(parse_token(text));
  CHECK_FALSE(parse_token(R"({"sub":"ann"})", R"({"alg":"HS256","alg":"HS256"})"));
  std::string deep(200, '[');
  deep += std::string(200, ']');
  CHECK_FALSE(claim(R"("x":)" + deep));
}

TEST_CASE("a subject is usable as a username as it stands") {
  CHECK(parse_token(R"({"sub":"Zoë ☃"})")->user_id == "Zoë ☃");
  for (const auto* sub : {R"("")", R"(" ann")", R"("ann ")", R"("a\u0000nn")", R"("a\nn")", "7",
                          "null", R"("\ud800")", R"(["ann"])"})
    CHECK_FALSE(parse_token(std::string{R"({"sub":)"} + sub + "}"));
  CHECK(parse_token(R"({"sub":")" + std::string(64, 'a') + "\"}"));
  CHECK_FALSE(parse_token(R"({"sub":")" + std::string(65, 'a') + "\"}"));
  CHECK_FALSE(parse_token(R"({"name":"ann"})"));
}

TEST_CASE("a name that cannot be shown is none") {
  for (const auto& bad :
       {std::string{R"("")"}, std::string{R"("  ")"}, std::string{"null"}, std::string{"7"},
        std::string{R"(["Ann"])"}, std::string{R"("A\nnn")"}, std::string{R"("\ud800")"},
        '"' + std::string(65, 'A') + '"'}) {
    CAPTURE(bad);
    const auto token = claim(R"("name":)" + bad);
    REQUIRE(token);
    CHECK(token->username == "ann");
  }
  CHECK(claim(R"("name":")" + std::string(64, 'A') + '"')->username == std::string(64, 'A'));
}

TEST_CASE("a subject with something hidden is refused, a name is shown without it") {
  CHECK_FALSE(parse_token("{\"sub\":\"bo\xe2\x80\x8b"
                          "b\"}"));
  CHECK(claim("\"name\":\"bo\xe2\x80\x8b"
              "b\"")
            ->username == "bob");
  CHECK(claim("\"name\":\"bo\xe2\x80\x8b"
              "b\"")
            ->user_id == "ann");
  CHECK(claim("\"name\":\"\xe2\x80\x8b\"")->username == "ann");
}

TEST_CASE("the scheme of HTTP may stand before a token") {
  for (const auto* text : {"Bearer a.b.c", "bearer a.b.c", "BEARER   a.b.c", "a.b.c"})
    CHECK(without_scheme(text) == "a.b.c");
  CHECK(without_scheme("Bearer ").empty());
  for (const auto* text : {"Bearer", "Bearera.b.c", "Basic a.b.c", " Bearer a.b.c", ""})
    CHECK(without_scheme(text) == text);
}

TEST_CASE("claims of another type than theirs make a token unusable") {
  for (const auto* bad : {R"("exp":"1700000100")", R"("exp":null)", R"("exp":[1])",
                          R"("nbf":true)", R"("iss":[])", R"("aud":7)", R"("aud":[7])",
                          R"("rooms":7)", R"("rooms":null)", R"("rooms":{"tea":1})",
                          R"("rooms":["tea",1])", R"("scope":7)", R"("scope":["read",7])"})
    CHECK_FALSE(claim(bad));
  std::string many = R"("rooms":["r")";
  for (int i = 0; i < 1'000; ++i)
    many += R"(,"r")";
  CHECK_FALSE(claim(many + "]"));
}

TEST_CASE("a time may have a fraction and may be far off") {
  CHECK(claim(R"("exp":1700000100.9)")->expires_at == timestamp{1'700'000'100'000});
  CHECK(claim(R"("exp":1.7e9)")->expires_at == timestamp{1'700'000'000'000});
  CHECK(claim(R"("exp":-1)")->expires_at == timestamp{0});
  CHECK(claim(R"("exp":9223372036854775807)")->expires_at ==
        claim(R"("exp":1e300)")->expires_at);
  CHECK(granted(R"("exp":1e300)"));
  CHECK(fault_of(R"("exp":-1e300)") == token_fault::expired);
  CHECK_FALSE(claim(R"("exp":1e999)"));
}

TEST_CASE("a token holds from nbf until exp, with a leeway at both ends") {
  claim_rules strict;
  strict.leeway = std::chrono::milliseconds{0};
  CHECK(granted(R"("exp":1700000001)", strict));
  CHECK(fault_of(R"("exp":1700000000)", strict) == token_fault::expired);
  CHECK(granted(R"("nbf":1700000000)", strict));
  CHECK(fault_of(R"("nbf":1700000001)", strict) == token_fault::invalid);
  CHECK(granted(R"("exp":1699999941)"));
  CHECK(fault_of(R"("exp":1699999940)") == token_fault::expired);
  CHECK(granted(R"("nbf":1700000060)"));
  CHECK(fault_of(R"("nbf":1700000061)") == token_fault::invalid);
  CHECK((*granted(R"("exp":1700000100)"))->expires_at == timestamp{1'700'000'160'000});
  CHECK_FALSE((*granted(R"("iat":1)"))->expires_at);
}

TEST_CASE("issuer and audience count where they are set") {
  claim_rules rules;
  rules.issuer = "https://id.example";
  rules.audience = "chat";
  CHECK(granted(R"("iss":"https://id.example","aud":"chat")", rules));
  CHECK(granted(R"("iss":"https://id.example","aud":["x","chat"])", rules));
  CHECK(fault_of(R"("aud":"chat")", rules) == token_fault::invalid);
  CHECK(fault_of(R"("iss":"https://id.example/","aud":"chat")", rules) == token_fault::invalid);
  CHECK(fault_of(R"("iss":"https://id.example")", rules) == token_fault::invalid);
  CHECK(fault_of(R"("iss":"https://id.example","aud":["chat2",""])", rules) ==
        token_fault::invalid);
}

TEST_CASE("the access is the token's") {
  const auto allowed = *granted(R"("name":"Ann A.","scope":["admin"],"rooms":"tea")");
  CHECK(allowed->proven);
  CHECK_FALSE(allowed->any_user);
  CHECK(allowed->user_id == "ann");
  CHECK(allowed->username == "Ann A.");
  CHECK(allowed->scope == access_scope::admin);
  CHECK(allowed->rooms == std::vector<std::string>{"tea"});
}

TEST_CASE("a scope is the greatest of its words; others do not count") {
  CHECK(claim(R"("scope":"read write")")->scope == access_scope::write);
  CHECK(claim(R"("scope":"  write  read ")")->scope == access_scope::write);
  CHECK(claim(R"("scope":["read","admin"])")->scope == access_scope::admin);
  CHECK(claim(R"("scope":"openid profile")")->scope == access_scope::none);
  CHECK(claim(R"("scope":"Admin administrator write,admin")")->scope == access_scope::none);
  CHECK(claim(R"("scope":"")")->scope == access_scope::none);
  CHECK(claim(R"("scope":[])")->scope == access_scope::none);
}

TEST_CASE("a token that was made reads back") {
  hubbub::access what;
  what.user_id = "u \"1\"";
  what.username = "Ann";
  what.scope = access_scope::read;
  what.rooms = {"tea", "x-*"};
  what.expires_at = timestamp{now.value + 3'600'000};
  const claim_rules rules{"me", "chat"};
  const auto token = parse_jwt(unsigned_jwt(what, rules, now) + ".c2ln", limits);
  REQUIRE(token);
  const auto allowed = grant(*token, rules, now);
  REQUIRE(allowed);
  CHECK((*allowed)->user_id == what.user_id);
  CHECK((*allowed)->username == what.username);
  CHECK((*allowed)->scope == what.scope);
  CHECK((*allowed)->rooms == what.rooms);
  CHECK(token->expires_at == what.expires_at);
}
