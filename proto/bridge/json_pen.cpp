#include "proto/bridge/json_pen.hpp"

#include "proto/json/text.hpp"

#include <array>
#include <charconv>
#include <cmath>

namespace hubbub {
namespace {

// The years from 0 to 9999, of which RFC 3339 can tell.
constexpr std::int64_t first_second_told = -62'167'219'200;
constexpr std::int64_t last_second_told = 253'402'300'799;
constexpr std::int64_t nanoseconds_per_second = 1'000'000'000;
constexpr std::int64_t nanoseconds_per_millisecond = 1'000'000;

} // namespace

bool json_pen::string(std::string_view text) {
  if (!valid_utf8(text)) return false;
  out_.string(text);
  return true;
}

bool json_pen::key(std::string_view name) {
  if (!valid_utf8(name)) return false;
  std::string quoted;
  json::append_string(quoted, name);
  out_.key(std::string_view{quoted}.substr(1, quoted.size() - 2));
  return true;
}

void json_pen::real(double number) {
  if (!std::isfinite(number)) {
    out_.null();
    return;
  }
  std::array<char, 32> digits{}; // the shortest form has at most 24
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(),
                                 number == 0 ? 0.0 : number) // no minus before a zero
                       .ptr;
  out_.raw({digits.data(), end});
}

void json_pen::natural(std::uint64_t number) {
  std::array<char, 20> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  out_.raw({digits.data(), end});
}

bool json_pen::time(std::int64_t seconds, std::int64_t nanoseconds) {
  if (seconds < first_second_told || seconds > last_second_told || nanoseconds < 0 ||
      nanoseconds >= nanoseconds_per_second)
    return false;
  constexpr std::int64_t milliseconds_per_second = 1'000;
  out_.string(to_rfc3339(timestamp{seconds * milliseconds_per_second +
                                   nanoseconds / nanoseconds_per_millisecond}));
  return true;
}

} // namespace hubbub
