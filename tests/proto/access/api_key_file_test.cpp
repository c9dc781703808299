#include "proto/access/api_key_file.hpp"
#include "tests/support/catch.hpp"

#include <string>

using namespace hubbub;

namespace {

const std::string hash(64, 'a');

} // namespace

TEST_CASE("a line a key, with comments and empty lines between") {
  const auto keys = parse_api_keys("# ours\n\nbilling " + hash + "\r\n  CI bot\t" +
                                   std::string(64, '0') + "\n");
  REQUIRE(keys);
  REQUIRE(keys->keys.size() == 2);
  CHECK(keys->keys.at(0).name == "billing");
  CHECK(keys->keys.at(0).hash[31] == 0xaa);
  CHECK(keys->keys.at(1).name == "CI bot");
  CHECK(keys->keys.at(1).hash[0] == 0);
  CHECK(keys->ignored.empty());
}

TEST_CASE("an empty file holds no keys") {
  CHECK(parse_api_keys("")->keys.empty());
  CHECK(parse_api_keys("# none\n")->keys.empty());
}

TEST_CASE("a line that was written reads back") {
  api_key_record key{"billing", {}};
  for (std::size_t i = 0; i < key.hash.size(); ++i)
    key.hash[i] = static_cast<std::uint8_t>(i * 37U);
  const auto keys = parse_api_keys(api_key_line(key));
  REQUIRE(keys);
  CHECK(keys->keys.front().name == key.name);
  CHECK(keys->keys.front().hash == key.hash);
}

TEST_CASE("a wrong line is named, not shown, and spoils no other") {
  for (const auto& line :
       {hash, "billing" + hash, "billing " + hash.substr(1), "billing " + hash + "a",
        "billing " + hash.substr(1) + "g", "billing " + hash.substr(2) + "-1", " " + hash,
        std::string("bill\0ing ", 9) + hash, "\xff " + hash,
        std::string(65, 'n') + " " + hash}) {
    const auto list = parse_api_keys("ok " + hash + "\n" + line + "\nalso " + hash + "\n");
    REQUIRE(list);
    REQUIRE(list->keys.size() == 2);
    CHECK(list->keys.at(1).name == "also");
    REQUIRE(list->ignored.size() == 1);
    CHECK(list->ignored.front().starts_with("line 2 "));
    CHECK(list->ignored.front().find(hash.substr(3)) == std::string::npos);
  }
}

TEST_CASE("a file in which nothing is a key is refused") {
  const auto none = parse_api_keys("# keys\nhunter2\n");
  REQUIRE_FALSE(none);
  CHECK(none.error().find("line 2") != std::string::npos);
  CHECK(none.error().find("hunter2") == std::string::npos);
  std::string other = "ok " + hash + "\n";
  for (std::size_t i = 0; i <= max_wrong_lines; ++i)
    other += "prose\n";
  CHECK_FALSE(parse_api_keys(other));
}

TEST_CASE("a name stands once, and there is an end to keys") {
  const auto twice = parse_api_keys("a " + hash + "\na " + std::string(64, '0') + "\n");
  REQUIRE(twice);
  REQUIRE(twice->keys.size() == 1);
  CHECK(twice->keys.front().hash[0] == 0xaa);
  CHECK(twice->ignored == std::vector<std::string>{"line 2 is ignored: it repeats a name"});
  std::string many;
  for (std::size_t i = 0; i <= max_api_keys; ++i)
    many += "k" + std::to_string(i) + " " + hash + "\n";
  CHECK_FALSE(parse_api_keys(many));
}
