#include "proto/json/comma_list.hpp"
#include "tests/support/catch.hpp"

#include <string>
#include <vector>

namespace hubbub::test {
namespace {

using items = std::vector<std::string>;

TEST_CASE("a list is split at its commas, and its items are trimmed") {
  CHECK(split_at_commas("a.pem") == items{"a.pem"});
  CHECK(split_at_commas("a.pem, b c.pem ,\td.pem") == items{"a.pem", "b c.pem", "d.pem"});
  CHECK(split_at_commas("").empty());
}

TEST_CASE("an item of a list may be empty, but not after the last comma") {
  CHECK(split_at_commas(",b,, ,c") == items{"", "b", "", "", "c"});
  CHECK(split_at_commas("a,") == items{"a"});
  CHECK(split_at_commas(",") == items{""});
}

} // namespace
} // namespace hubbub::test
