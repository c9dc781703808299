#include "persistence/search/query_text.hpp"
#include "tests/support/catch.hpp"

#include <string>
#include <vector>

using namespace hubbub;

namespace {

std::string expression(std::string_view text) {
  tokenizer words;
  return search_expression(read_query(words, text));
}

} // namespace

TEST_CASE("each word and each quoted run of words is a string") {
  CHECK(expression("two words ") == R"("two" "words")");
  CHECK(expression("\"in quotes\" more ") == R"("in quotes" "more")");
  CHECK(expression("a AND (b) OR* c:d ") == R"x("a" "AND" "(b)" "OR*" "c:d")x");
  CHECK(expression("\"a\"\"b\"") == R"("a" "b")");
}

TEST_CASE("what holds no word is left out") {
  CHECK(expression("").empty());
  CHECK(expression(" \"\" !! \" - \"").empty());
  CHECK(expression("salt !!! ") == R"("salt")");
  CHECK(expression(std::string_view{"\0", 1}).empty());
}

TEST_CASE("the last word may be a beginning") {
  CHECK(expression("cafe arg") == R"("cafe" "arg"*)");
  CHECK(expression("cafe ar") == R"("cafe" "ar")");
  CHECK(expression("cafe arg ") == R"("cafe" "arg")");
  CHECK(expression("\"arg\"") == R"("arg")");
  CHECK(expression("\"one arg") == R"("one arg"*)");
  CHECK(expression("argue!") == R"("argue!")");
  CHECK(expression("\u00e4b") == "\"\u00e4b\"*"); // three bytes
  CHECK(expression("👩") == "\"👩\"");
}

TEST_CASE("one character of a script without spaces is the beginning of a pair") {
  CHECK(expression("機 x ") == "\"機\"* \"x\"");
  CHECK(expression("\"機\"") == "\"機\"*");
  CHECK(expression("機能 ") == "\"機能\"");
  CHECK(expression("\"x機\" ") == "\"x機\"*");
}

TEST_CASE("a phrase knows its words") {
  tokenizer words;
  const auto phrases = read_query(words, "\"Caf\u00e9 機能\" 病");
  REQUIRE(phrases.size() == 2);
  CHECK(phrases[0].words == std::vector<std::string>{"cafe", "機能"});
  CHECK_FALSE(phrases[0].ends_in_single);
  CHECK(phrases[1].words == std::vector<std::string>{"病"});
  CHECK(phrases[1].ends_in_single);
}
