#include "proto/access/client_address.hpp"
#include "tests/support/catch.hpp"

#include <string>
#include <unordered_set>

namespace hubbub {
namespace {

client_address address(std::string_view text) {
  const auto parsed = parse_address(text);
  INFO(text);
  REQUIRE(parsed);
  return *parsed;
}

bool holds(std::string_view block, std::string_view text) {
  const auto parsed = parse_block(block);
  INFO(block);
  REQUIRE(parsed);
  return parsed->contains(address(text));
}

} // namespace

TEST_CASE("addresses are read and written as people write them") {
  for (const auto* text : {"0.0.0.0", "192.0.2.1", "255.255.255.255", "::", "::1",
                           "2001:db8::1", "fe80::1234:5678:9abc:def0"}) {
    CHECK(to_string(address(text)) == text);
  }
  CHECK(to_string(address("2001:DB8:0:0:0:0:0:1")) == "2001:db8::1");
}

TEST_CASE("what is no address is refused") {
  for (const std::string text :
       {"", " ", "1.2.3", "1.2.3.4.5", "1.2.3.256", "01.2.3.4x", "::1%lo", "[::1]",
        "1.2.3.4:80", "unknown", ":::", "1:2:3:4:5:6:7:8:9", "1.2.3.4 "}) {
    CAPTURE(text);
    CHECK_FALSE(parse_address(text));
  }
  CHECK_FALSE(parse_address(std::string_view{"1.2.3.4\0", 8}));
  CHECK_FALSE(parse_address(std::string(1000, '1')));
}

TEST_CASE("an IPv4 address is the same whether it came over IPv4 or mapped into IPv6") {
  CHECK(address("::ffff:192.0.2.1") == address("192.0.2.1"));
  CHECK(to_string(address("::ffff:192.0.2.1")) == "192.0.2.1");
  CHECK(address("192.0.2.1") == from_v4({192, 0, 2, 1}));
  CHECK(address("192.0.2.1").is_v4());
  CHECK_FALSE(address("2001:db8::1").is_v4());
  CHECK_FALSE(client_address{}.is_v4());
}

TEST_CASE("limits count an IPv4 address, but a whole subnet of IPv6") {
  CHECK(limit_key(address("192.0.2.1")) != limit_key(address("192.0.2.2")));
  CHECK(limit_key(address("2001:db8:1:2::1")) == limit_key(address("2001:db8:1:2:ffff::9")));
  CHECK(limit_key(address("2001:db8:1:2::1")) != limit_key(address("2001:db8:1:3::1")));
  CHECK(to_string(limit_key(address("2001:db8:1:2:3:4:5:6"))) == "2001:db8:1:2::");
  std::unordered_set<client_address> keys{limit_key(address("2001:db8::1"))};
  CHECK(keys.contains(limit_key(address("2001:db8::2"))));
}

TEST_CASE("a block holds what shares its prefix, to the bit") {
  CHECK(holds("10.0.0.0/8", "10.255.0.1"));
  CHECK_FALSE(holds("10.0.0.0/8", "11.0.0.1"));
  CHECK(holds("192.0.2.128/25", "192.0.2.255"));
  CHECK_FALSE(holds("192.0.2.128/25", "192.0.2.127"));
  CHECK(holds("127.0.0.1", "127.0.0.1"));
  CHECK(holds("127.0.0.1", "::ffff:127.0.0.1"));
  CHECK_FALSE(holds("127.0.0.1", "127.0.0.2"));
  CHECK(holds("0.0.0.0/0", "203.0.113.9"));
  CHECK_FALSE(holds("0.0.0.0/0", "2001:db8::1"));
  CHECK(holds("fd00::/8", "fdff::1"));
  CHECK_FALSE(holds("fd00::/8", "fe00::1"));
  CHECK(holds("2001:db8::/33", "2001:db8:7fff::1"));
  CHECK_FALSE(holds("2001:db8::/33", "2001:db8:8000::1"));
  CHECK(holds("::/0", "10.0.0.1"));
}

TEST_CASE("a malformed block is refused, one with bits behind its prefix too") {
  for (const auto* text :
       {"", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/8x", "10.0.0.1/8",
        "::/129", "fd00::1/8", "10.0.0.0/8/8", "10.0.0.0/ 8"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_block(text));
  }
}

TEST_CASE("a list of blocks is written as it is read") {
  for (const auto* text : {"", "127.0.0.1", "10.0.0.0/8,fd00::/8,::1", "0.0.0.0/0,::/0"}) {
    const auto blocks = parse_blocks(text);
    REQUIRE(blocks);
    CHECK(to_string(*blocks) == text);
  }
  CHECK(to_string(*parse_blocks(" 10.0.0.0/8 , ::1")) == "10.0.0.0/8,::1");
  CHECK_FALSE(parse_blocks("10.0.0.0/8,"));
  CHECK_FALSE(parse_blocks("10.0.0.0/8 ::1"));
}

} // namespace hubbub
