#include "net/program/agreed_settings.hpp"
#include "net/program/setting_table.hpp"
#include "tests/support/catch.hpp"

#include <algorithm>

namespace hubbub::test {
namespace {

TEST_CASE("what nodes compare are settings, each once") {
  for (const auto name : agreed_names()) {
    INFO(name);
    CHECK(find_setting(name) != nullptr);
    CHECK(std::ranges::count(agreed_names(), name) == 1);
  }
}

TEST_CASE("a setting that nodes compare has a line of its own, without a password") {
  hubbub_config config;
  config.bus = "redis://user:hush@redis.example:6379";
  config.auth.jwt_issuer = "one\ntyping_timeout=1s";
  const auto lines = agreed_settings(config);
  CHECK(std::ranges::count(lines, '\n') == std::ssize(agreed_names()));
  CHECK_THAT(lines, Catch::Contains("\ntyping_timeout=6s\n"));
  CHECK_THAT(lines, Catch::Contains("\nbus=redis://"));
  CHECK_THAT(lines, !Catch::Contains("hush"));
}

} // namespace
} // namespace hubbub::test
