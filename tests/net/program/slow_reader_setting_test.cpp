#include "net/program/slow_reader_setting.hpp"
#include "tests/support/catch.hpp"

#include <string>

namespace hubbub {

TEST_CASE("slow readers are dealt with by the first rule that fits the room") {
  const auto rules =
      parse_slow_readers(" lobby-*=resync , a=b=disconnect,drop_volatile,*=resync");
  REQUIRE(rules);
  CHECK(policy_for("lobby-1", *rules) == slow_reader_policy::resync);
  CHECK(policy_for("a=b", *rules) == slow_reader_policy::disconnect);
  CHECK(policy_for("lobby", *rules) == slow_reader_policy::drop_volatile);
  CHECK(policy_for("lobby", {}) == slow_reader_policy::drop_volatile);
}

TEST_CASE("slow reader rules are shown as they are read") {
  for (const auto* text : {"", "*=resync", "lobby-*=resync,a=b=disconnect,*=drop_volatile"}) {
    const auto rules = parse_slow_readers(text);
    REQUIRE(rules);
    CHECK(show_slow_readers(*rules) == text);
  }
  CHECK(show_slow_readers(*parse_slow_readers("resync")) == "*=resync");
}

TEST_CASE("what is no slow reader rule is refused") {
  for (const auto* text : {"drop", "=resync", "a=", "a=resync,", ",", "resync a", "a=RESYNC"})
    CHECK_FALSE(parse_slow_readers(text));
}

} // namespace hubbub
