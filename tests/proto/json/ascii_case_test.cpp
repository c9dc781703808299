#include "proto/json/ascii_case.hpp"
#include "tests/support/catch.hpp"

#include <string>

using namespace hubbub;

TEST_CASE("only the case of ASCII letters makes no difference") {
  CHECK(equal_in_any_case("", ""));
  CHECK(equal_in_any_case("permEssage-DEFLATE", "permessage-deflate"));
  CHECK(equal_in_any_case("AZaz", "azAZ"));
  CHECK_FALSE(equal_in_any_case("gzip", "gzip "));
  CHECK_FALSE(equal_in_any_case("gzi", "gzip"));
  CHECK_FALSE(equal_in_any_case("@[`{", "`{@["));
  CHECK_FALSE(equal_in_any_case("\xc3\x84", "\xc3\xa4"));
}
