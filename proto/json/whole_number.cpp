#include "proto/json/whole_number.hpp"

#include <algorithm>
#include <charconv>
#include <string>
#include <system_error>

namespace hubbub {
namespace {

/// Number of digits of the largest number that fits.
constexpr std::size_t max_digits = 19;
/// Any larger exponent is treated as this one.
constexpr int far = 1'000'000'000;

template <class Number>
std::optional<Number> parse_all(std::string_view text) {
  Number number = 0;
  const auto* end = text.data() + text.size();
  const auto [stop, failure] = std::from_chars(text.data(), end, number);
  if (failure != std::errc{} || stop != end) return std::nullopt;
  return number;
}

/// Removes the leading digits of `text` and returns them.
std::string_view take_digits(std::string_view& text) {
  const auto digits = text.substr(0, text.find_first_not_of("0123456789"));
  text.remove_prefix(digits.size());
  return digits;
}

/// Parses what follows the `e`: digits, with or without a sign.
std::optional<int> parse_exponent(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  const auto digits = take_digits(text);
  if (digits.empty() || !text.empty()) return std::nullopt;
  const auto size = parse_all<int>(digits).value_or(far);
  return negative ? -std::min(size, far) : std::min(size, far);
}

/// A number as a run of digits and a power of ten.
struct scaled_digits {
  std::string digits; ///< without zeros at either end; empty for the number 0
  std::int64_t exponent = 0;
};

std::optional<scaled_digits> parse_scaled(std::string_view text) {
  const auto whole = take_digits(text);
  if (whole.empty()) return std::nullopt;
  std::string_view fraction;
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    fraction = take_digits(text);
    if (fraction.empty()) return std::nullopt;
  }
  std::optional<int> exponent{0};
  if (text.starts_with('e') || text.starts_with('E'))
    exponent = parse_exponent(text.substr(1));
  else if (!text.empty())
    return std::nullopt;
  if (!exponent) return std::nullopt;
  scaled_digits number{std::string{whole}.append(fraction),
                       *exponent - static_cast<std::int64_t>(fraction.size())};
  const auto kept = number.digits.find_last_not_of('0') + 1; // 0 if all digits are zeros
  number.exponent += static_cast<std::int64_t>(number.digits.size() - kept);
  number.digits.resize(kept);
  number.digits.erase(0, number.digits.find_first_not_of('0'));
  return number;
}

} // namespace

std::optional<std::int64_t> parse_integral(std::string_view text) {
  if (const auto plain = parse_all<std::int64_t>(text)) return plain;
  const bool negative = text.starts_with('-');
  auto number = parse_scaled(text.substr(negative ? 1 : 0));
  if (!number) return std::nullopt;
  if (number->digits.empty()) return 0;
  const auto room =
      static_cast<std::int64_t>(max_digits) - static_cast<std::int64_t>(number->digits.size());
  if (number->exponent < 0 || number->exponent > room) return std::nullopt;
  number->digits.append(static_cast<std::size_t>(number->exponent), '0');
  return parse_all<std::int64_t>((negative ? "-" : "") + number->digits);
}

} // namespace hubbub
