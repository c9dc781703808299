#include "actors/session/authenticator.hpp"
#include "tests/actors/session/tokens.hpp"

#include <string>

using namespace hubbub;
using namespace hubbub::test;

namespace {

constexpr timestamp moment{1'700'000'000'000};

token_fault fault_of(std::optional<std::string_view> token) {
  const auto outcome = test_authenticator()->check_token(token, moment);
  REQUIRE_FALSE(outcome);
  return outcome.error().fault;
}

} // namespace

TEST_CASE("without keys it is open mode") {
  CHECK_FALSE(authenticator{}.wants_tokens());
  CHECK_FALSE(open_authenticator()->wants_tokens());
  CHECK(test_authenticator()->wants_tokens());
}

TEST_CASE("a good token proves its user") {
  const auto allowed =
      test_authenticator()->check_token(token_with(R"("sub":"ann","exp":1700000001)"), moment);
  REQUIRE(allowed);
  CHECK((*allowed)->user_id == "ann");
  CHECK((*allowed)->proven);
}

TEST_CASE("a token may come with the scheme of HTTP in front") {
  const auto token = token_with(R"("sub":"ann","exp":1700000001)");
  CHECK(test_authenticator()->check_token("Bearer " + token, moment));
  CHECK(fault_of("Bearer ") == token_fault::missing);
  CHECK(fault_of("Basic " + token) == token_fault::invalid);
}

TEST_CASE("what is wrong with a token is told apart") {
  CHECK(fault_of(std::nullopt) == token_fault::missing);
  CHECK(fault_of("") == token_fault::missing);
  CHECK(fault_of("hello") == token_fault::invalid);
  CHECK(fault_of(token_with(R"("sub":"ann")", std::string(32, 'x'))) == token_fault::invalid);
  CHECK(fault_of(token_with(R"("sub":"ann","exp":1699999999)")) == token_fault::expired);
  // A forged token is never merely expired.
  CHECK(fault_of(token_with(R"("sub":"ann","exp":1699999999)", std::string(32, 'x'))) ==
        token_fault::invalid);
}

TEST_CASE("a token that no key has signed has the id of its key told, and no other") {
  const auto refusal_of = [](const std::string& token) {
    const auto outcome = test_authenticator()->check_token(token, moment);
    REQUIRE_FALSE(outcome);
    return outcome.error();
  };
  const auto header = R"({"alg":"HS256","kid":"key-2031"})";
  const std::string other(32, 'x');
  const auto unknown = refusal_of(signed_token(header, R"({"sub":"ann"})", other));
  CHECK(unknown.key_id == "key-2031");
  CHECK(unknown.user_id.empty());
  CHECK(unknown.message == "the token's signature is not one of ours");
  CHECK(refusal_of(token_with(R"("sub":"ann")", other)).key_id.empty());
  const auto late = refusal_of(signed_token(header, R"({"sub":"ann","exp":1699999999})"));
  CHECK(late.fault == token_fault::expired);
  CHECK(late.key_id.empty());
}

TEST_CASE("an API key is known by its hash and may speak for anybody") {
  const auto allowed = test_authenticator()->check_api_key(api_key_text);
  REQUIRE(allowed);
  CHECK(allowed->any_user);
  CHECK(allowed->proven);
  CHECK(allowed->scope == access_scope::admin);
  CHECK(allowed->user_id == "billing");
  CHECK_FALSE(test_authenticator()->check_api_key("hbk_"));
  std::string longer{api_key_text};
  longer += '0';
  CHECK_FALSE(test_authenticator()->check_api_key(longer));
  CHECK_FALSE(authenticator{}.check_api_key(api_key_text));
}
