#include "net/program/retention_setting.hpp"
#include "tests/support/catch.hpp"

#include <string>

namespace hubbub {
namespace {

constexpr std::int64_t day = 24 * 60 * 60 * 1000;

retention_rule only(std::string_view text) {
  const auto rules = parse_retention(text);
  REQUIRE(rules);
  REQUIRE(rules->size() == 1);
  return rules->front();
}

TEST_CASE("a rule keeps messages by age, by number, by both, or all") {
  const auto both = only("tmp-*=90d/100000");
  CHECK(both.room_pattern == "tmp-*");
  CHECK(both.max_age_ms == 90 * day);
  CHECK(both.max_messages == 100'000);
  CHECK(only("tmp=100000/90d").max_age_ms == 90 * day);
  CHECK(only("tmp=1h").max_age_ms == 3'600'000);
  CHECK(only("tmp=1h").max_messages == 0);
  CHECK(only("tmp=500").max_messages == 500);
  CHECK(only("tmp=500").max_age_ms == 0);
  const auto all = only("vip=all");
  CHECK(all.max_age_ms == 0);
  CHECK(all.max_messages == 0);
}

TEST_CASE("a rule without a pattern is for every room") {
  CHECK(only("30d").room_pattern == "*");
  CHECK(only("30d").max_age_ms == 30 * day);
  CHECK(only(" 30d/5 ").max_messages == 5);
}

TEST_CASE("a pattern may hold an equals sign") {
  CHECK(only("a=b=30d").room_pattern == "a=b");
}

TEST_CASE("rules stand in their order and are shown as they are read") {
  const auto rules = parse_retention("vip=all, tmp-*=1h,*=90d/100000");
  REQUIRE(rules);
  REQUIRE(rules->size() == 3);
  CHECK((*rules)[1].room_pattern == "tmp-*");
  const auto shown = show_retention(*rules);
  CHECK(shown == "vip=all,tmp-*=1h,*=90d/100000");
  CHECK(show_retention(*parse_retention(shown)) == shown);
  CHECK(parse_retention("")->empty());
  CHECK(parse_retention(" ")->empty());
  CHECK(show_retention({}).empty());
}

TEST_CASE("what is no rule is refused") {
  for (const auto* text :
       {"=30d", "x=", "*", "30d,", ",30d", "30d/40d", "5/6", "30d/", "/5", "30x", "-1", "0",
        "500ms", "all/5", "ALL", "30d/5/6", "x=30 d", "99999999999999999999d"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_retention(text));
  }
}

} // namespace
} // namespace hubbub
