#include "proto/access/forwarded.hpp"
#include "tests/support/catch.hpp"

#include <string>

namespace hubbub {
namespace {

using values = std::vector<std::string_view>;

/// Returns the client of a request from `peer`, with 10.0.0.0/8 and ::1 as trusted proxies.
std::string client(const values& x_forwarded_for, const values& forwarded = {},
                   std::string_view peer = "10.0.0.1") {
  return to_string(forwarded_client(*parse_address(peer), *parse_blocks("10.0.0.0/8,::1"),
                                    x_forwarded_for, forwarded));
}

} // namespace

TEST_CASE("whoever is no trusted proxy is the client, whatever it claims") {
  CHECK(client({"192.0.2.9"}, {"for=192.0.2.9"}, "203.0.113.5") == "203.0.113.5");
  CHECK(client({}, {}, "10.0.0.1") == "10.0.0.1");
}

TEST_CASE("behind proxies the client is the rightmost address that is none of them") {
  CHECK(client({"192.0.2.9"}) == "192.0.2.9");
  CHECK(client({"1.1.1.1, 192.0.2.9"}) == "192.0.2.9");
  CHECK(client({"1.1.1.1, 192.0.2.9, 10.0.0.7,10.0.0.8"}) == "192.0.2.9");
  CHECK(client({"1.1.1.1", "192.0.2.9", "10.0.0.7"}) == "192.0.2.9");
  CHECK(client({"2001:db8::1"}) == "2001:db8::1");
  CHECK(client({"::ffff:192.0.2.9"}, {}, "::ffff:10.0.0.1") == "192.0.2.9");
}

TEST_CASE("where all are proxies the first of them is the client") {
  CHECK(client({"10.0.0.9, 10.0.0.8"}) == "10.0.0.9");
}

TEST_CASE("a malformed or hidden entry ends what can be believed") {
  CHECK(client({"192.0.2.9, nonsense"}) == "10.0.0.1");
  CHECK(client({"192.0.2.9, nonsense, 10.0.0.7"}) == "10.0.0.7");
  CHECK(client({"192.0.2.9, "}) == "10.0.0.1");
  CHECK(client({""}) == "10.0.0.1");
  CHECK(client({"192.0.2.9, 192.0.2.1:port"}) == "10.0.0.1");
  CHECK(client({"192.0.2.9, [2001:db8::1"}) == "10.0.0.1");
  CHECK(client({"192.0.2.9, [2001:db8::1]x"}) == "10.0.0.1");
  CHECK(client({}, {"for=192.0.2.9, for=unknown"}) == "10.0.0.1");
  CHECK(client({}, {"for=192.0.2.9, for=_hidden"}) == "10.0.0.1");
  CHECK(client({}, {"for=192.0.2.9, proto=https"}) == "10.0.0.1");
}

TEST_CASE("ports are dropped") {
  CHECK(client({"192.0.2.9:4711"}) == "192.0.2.9");
  CHECK(client({"[2001:db8::1]:4711"}) == "2001:db8::1");
  CHECK(client({"[2001:db8::1]"}) == "2001:db8::1");
}

TEST_CASE("Forwarded is read as RFC 7239 writes it") {
  CHECK(client({}, {"for=192.0.2.9"}) == "192.0.2.9");
  CHECK(client({}, {"For=\"[2001:db8:cafe::17]:4711\""}) == "2001:db8:cafe::17");
  CHECK(client({}, {"proto=http;by=203.0.113.43; for=192.0.2.60"}) == "192.0.2.60");
  CHECK(client({}, {"for=1.1.1.1, for=192.0.2.9;host=\"a,b;for=9.9.9.9\"", "for=10.0.0.4"}) ==
        "192.0.2.9");
}

TEST_CASE("X-Forwarded-For wins over Forwarded, even where it says nothing") {
  CHECK(client({"192.0.2.9"}, {"for=192.0.2.10"}) == "192.0.2.9");
  CHECK(client({"junk"}, {"for=192.0.2.10"}) == "10.0.0.1");
}

} // namespace hubbub
