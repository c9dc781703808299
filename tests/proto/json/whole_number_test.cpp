#include "proto/json/whole_number.hpp"
#include "tests/support/catch.hpp"

#include <limits>
#include <string>

namespace hubbub {

TEST_CASE("a whole number is the same however it is written") {
  for (const auto* text : {"605", "605.0", "605.000", "6.05e2", "6.05E+2", "60500e-2", "605e0",
                           "0605", "605.0e00", "0.605e3", "60.50e1"}) {
    CAPTURE(text);
    CHECK(parse_integral(text) == 605);
    CHECK(parse_integral(std::string{"-"} + text) == -605);
  }
  for (const auto* text :
       {"0", "-0", "0.0", "-0.0", "0e9", "0.00e-7", "0e99999999999999999999"})
    CHECK(parse_integral(text) == 0);
}

TEST_CASE("whole numbers are exact up to both ends of their range") {
  constexpr auto largest = std::numeric_limits<std::int64_t>::max();
  CHECK(parse_integral("9223372036854775807") == largest);
  CHECK(parse_integral("9223372036854775807.0") == largest);
  CHECK(parse_integral("9.223372036854775807e18") == largest);
  CHECK(parse_integral("-9223372036854775808.00") == std::numeric_limits<std::int64_t>::min());
  // a number that no double can represent
  CHECK(parse_integral("9007199254740993.0") == 9'007'199'254'740'993);
  CHECK(parse_integral("9e18") == 9'000'000'000'000'000'000);
  for (const auto* text :
       {"9223372036854775808", "9223372036854775808.0", "-9223372036854775809.0", "1e19",
        "1e300", "1e99999999999999999999", "10e18"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_integral(text));
  }
}

TEST_CASE("what has a fraction or is no number is no whole number") {
  for (const auto* text :
       {"",    "-",   ".",        "1.5",  "605.01", "1e-1",  "5e-99999999999999999999",
        "1.",  ".5",  "1e",       "1e+",  "1.0e",   "e3",    "+1",
        " 1",  "1 ",  "1.0 ",     "1,0",  "0x10",   "1.0.0", "1e1.0",
        "--1", "NaN", "Infinity", "1_000"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_integral(text));
  }
  CHECK_FALSE(parse_integral(std::string(1'000'000, '9')));
  CHECK(parse_integral("5." + std::string(1'000'000, '0')) == 5);
}

} // namespace hubbub
