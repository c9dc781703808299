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
  REQUIRE(keys->size() == 2);
  CHECK(keys->at(0).name == "billing");
  CHECK(keys->at(0).hash[31] == 0xaa);
  CHECK(keys->at(1).name == "CI bot");
  CHECK(keys->at(1).hash[0] == 0);
}

TEST_CASE("an empty file holds no keys") {
  CHECK(parse_api_keys("")->empty());
  CHECK(parse_api_keys("# none\n")->empty());
}

TEST_CASE("a line that was written reads back") {
  api_key_record key{"billing", {}};
  for (std::size_t i = 0; i < key.hash.size(); ++i)
    key.hash[i] = static_cast<std::uint8_t>(i * 37U);
  const auto keys = parse_api_keys(api_key_line(key));
  REQUIRE(keys);
  CHECK(keys->front().name == key.name);
  CHECK(keys->front().hash == key.hash);
}

TEST_CASE("a wrong line is named and not shown") {
  for (const auto& line :
       {hash, "billing" + hash, "billing " + hash.substr(1), "billing " + hash + "a",
        "billing " + hash.substr(1) + "g", "billing " + hash.substr(2) + "-1", " " + hash,
        std::string("bill\0ing ", 9) + hash, "\xff " + hash,
        std::string(65, 'n') + " " + hash}) {
    const auto keys = parse_api_keys("ok " + hash + "\n" + line + "\n");
    REQUIRE_FALSE(keys);
    CHECK(keys.error().starts_with("line 2 "));
    CHECK(keys.error().find(hash.substr(3)) == std::string::npos);
  }
}

TEST_CASE("a name stands once, and there is an end to keys") {
  CHECK_FALSE(parse_api_keys("a " + hash + "\na " + hash + "\n"));
  std::string many;
  for (std::size_t i = 0; i <= max_api_keys; ++i)
    many += "k" + std::to_string(i) + " " + hash + "\n";
  CHECK_FALSE(parse_api_keys(many));
}
