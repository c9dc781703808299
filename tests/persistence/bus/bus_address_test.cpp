#include "persistence/bus/bus_address.hpp"
#include "tests/support/catch.hpp"

#include <string>

namespace hubbub::test {
namespace {

bus_address parsed(const std::string& text) {
  auto made = parse_bus_address(text);
  REQUIRE(made);
  return *made;
}

TEST_CASE("a bus is none, postgres, or the address of a Redis") {
  CHECK(parsed("").kind == bus_kind::none);
  CHECK(parsed("postgres").kind == bus_kind::postgres);
  const auto plain = parsed("redis://redis.example");
  CHECK(plain.kind == bus_kind::redis);
  CHECK(plain.host == "redis.example");
  CHECK(plain.port == 6379);
  CHECK(plain.password.empty());
  const auto whole = parsed("redis://ann:p%40ss%2fw:rd@10.0.0.1:7000/2");
  CHECK(whole.user == "ann");
  CHECK(whole.password == "p@ss/w:rd");
  CHECK(whole.host == "10.0.0.1");
  CHECK(whole.port == 7000);
  CHECK(whole.database == "2");
  CHECK(parsed("redis://:secret@h").user.empty());
  CHECK(parsed("redis://secret@h").password == "secret");
  const auto v6 = parsed("redis://:s@[::1]:6380/");
  CHECK(v6.host == "::1");
  CHECK(v6.port == 6380);
  CHECK(parsed("redis://[::1]").port == 6379);
}

TEST_CASE("a bus is shown without its password") {
  CHECK(shown(parsed("")).empty());
  CHECK(shown(parsed("postgres")) == "postgres");
  CHECK(shown(parsed("redis://ann:secret@h:7000/2")) == "redis://ann@h:7000/2");
  CHECK(shown(parsed("redis://:secret@[::1]")) == "redis://[::1]:6379");
}

TEST_CASE("an address that is no bus is refused with a sentence that repeats no password") {
  for (const std::string text : {"redis",
                                 "redis:",
                                 "redis://",
                                 "redis://:pass@",
                                 "redis://h:",
                                 "redis://h:0",
                                 "redis://h:65536",
                                 "redis://h:1x",
                                 "redis://h:6379/x",
                                 "redis://h/1/2",
                                 "redis://user:@h",
                                 "redis://@h",
                                 "redis://:a%4@h",
                                 "redis://:a%zz@h",
                                 "redis://:%00@h",
                                 "redis://[::1",
                                 "redis://[::1]6379",
                                 "redis://a b",
                                 "postgres://h",
                                 "http://h",
                                 "Postgres",
                                 "nats://h:4222"}) {
    INFO(text);
    const auto made = parse_bus_address(text);
    REQUIRE_FALSE(made);
    CHECK(made.error().starts_with("bus is postgres, or the address of a Redis such as"));
    CHECK(made.error().find("pass@") == std::string::npos);
  }
  const auto bridge = parse_bridge_address("redis://:pass@h:1/2");
  REQUIRE(bridge);
  CHECK(bridge->host == "h");
  for (const auto* text : {"postgres", "http://h", "redis://:pass@h:x"}) {
    const auto made = parse_bridge_address(text);
    REQUIRE_FALSE(made);
    CHECK(made.error().starts_with("bridge is the address of a Redis such as"));
  }
  const auto open = parse_bridge_address("rediss://:secret@h");
  REQUIRE_FALSE(open);
  CHECK(open.error().starts_with("bridge cannot be rediss://, since Debian 12's hiredis"));
  CHECK(open.error().ends_with("or put stunnel between"));
  const auto tls = parse_bus_address("rediss://:secret@h");
  REQUIRE_FALSE(tls);
  CHECK(tls.error().starts_with("bus cannot be rediss://, since Debian 12's hiredis"));
  CHECK(tls.error().find("secret") == std::string::npos);
}

} // namespace
} // namespace hubbub::test
