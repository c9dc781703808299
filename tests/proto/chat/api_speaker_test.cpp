// In whose name a request over HTTP speaks.
#include "proto/chat/api_body.hpp"
#include "tests/support/catch.hpp"

#include <string>

using namespace hubbub;

namespace {

const chat_limits limits;

hubbub::access proven() {
  hubbub::access who;
  who.proven = true;
  who.user_id = "u-1";
  who.username = "Ann";
  return who;
}
hubbub::access api_key() {
  auto who = proven();
  who.any_user = true;
  who.user_id = "billing";
  who.username = "billing";
  return who;
}
std::string author_of(const hubbub::access& who, const std::string& names) {
  const auto post =
      parse_post_message(R"({"content":"hi")" + names + "}", false, {}, limits, who);
  return post ? post->user_id + "/" + post->username : "refused";
}
std::string editor_of(const hubbub::access& who, const std::string& names) {
  const auto edit = parse_edit_body(R"({"content":"hi")" + names + "}", limits, who);
  return edit ? edit->user_id : "refused";
}

} // namespace

TEST_CASE("a proven user is whom the token says, and the body's names do not count") {
  for (const auto* names : {"", R"(,"username":"mallory")", R"(,"user_id":"m","username":7)"}) {
    CHECK(author_of(proven(), names) == "u-1/Ann");
    CHECK(editor_of(proven(), names) == "u-1");
  }
  CHECK(parse_author({{"username", "\xff"}, {"user_id", "m"}}, limits, proven()) == "u-1");
  CHECK(author_of(proven(), R"(,"client_id":"c")") == "u-1/Ann");
}

TEST_CASE("an API key speaks for whom it names, by id, by name or both, else for itself") {
  CHECK(author_of(api_key(), R"(,"username":"ann")") == "ann/ann");
  CHECK(author_of(api_key(), R"(,"user_id":"u-2")") == "u-2/u-2");
  CHECK(author_of(api_key(), R"(,"user_id":" u-2 ")") == "refused");
  CHECK(author_of(api_key(), R"(,"user_id":"u-2","username":"Ben")") == "u-2/Ben");
  CHECK(author_of(api_key(), "") == "billing/billing");
  CHECK(author_of(api_key(), R"(,"user_id":null,"username":null)") == "billing/billing");
  CHECK(author_of(api_key(), R"(,"user_id":7)") == "refused");
  CHECK(author_of(api_key(), R"(,"user_id":"")") == "refused");
  CHECK(editor_of(api_key(), R"(,"user_id":"u-2","username":"Ben")") == "u-2");
  CHECK(editor_of(api_key(), R"(,"username":"Ben")") == "Ben");
  CHECK(editor_of(api_key(), "") == "refused");
  CHECK(parse_author({{"username", "Ben"}, {"user_id", "u-2"}}, limits, api_key()) == "u-2");
  CHECK(parse_author({{"username", "Ben"}}, limits, api_key()) == "Ben");
  CHECK_FALSE(parse_author({}, limits, api_key()));
  CHECK_FALSE(parse_author({{"user_id", "a\nb"}}, limits, api_key()));
}

TEST_CASE("in open mode a user_id is no way to be somebody else") {
  CHECK(author_of(*open_access(), R"(,"user_id":"u-2","username":"ben")") == "ben/ben");
  CHECK(author_of(*open_access(), R"(,"user_id":"u-2")") == "anonymous/anonymous");
  CHECK(parse_author({{"username", "ben"}, {"user_id", "u-2"}}, limits) == "ben");
}
