#include "net/program/rate_setting.hpp"
#include "tests/support/catch.hpp"

#include <set>

namespace hubbub {
namespace {

TEST_CASE("a rate is so many a second and at once") {
  CHECK(parse_rate("100:1000") == rate{100, 1'000});
  CHECK(parse_rate("100") == rate{100, 1'000});
  CHECK(parse_rate("off") == rate{});
  const auto wrong = GENERATE("", "0", "-1", "1.5", "10:", ":10", "10:5", "10:20:30", "10/s",
                              "1:1000001", "10:20 ", "99999999999", "on");
  CHECK_FALSE(parse_rate(wrong));
}

TEST_CASE("a rate is shown as it is read") {
  for (const auto* text : {"off", "100:1000", "1:1", "7:8"})
    CHECK(show_rate(*parse_rate(text)) == text);
}

TEST_CASE("each rate has a setting of its own") {
  hubbub_config config;
  std::set<std::string_view> names;
  for (const auto& each : rate_settings_table()) {
    CHECK(names.insert(each.name).second);
    CHECK(each.set(config, "3:4"));
    CHECK(each.show(config) == "3:4");
  }
  const auto& rates = config.chat.rates;
  CHECK(rates.per_socket[rated::typing] == rate{3, 4});
  CHECK(rates.per_user[rated::connects] == rate{3, 4});
  CHECK(rates.per_address[rated::creates] == rate{3, 4});
}

} // namespace
} // namespace hubbub
