#include "net/program/setting_value.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace hubbub {
namespace {

struct unit {
  std::string_view name;
  std::int64_t milliseconds;
};
constexpr std::array<unit, 5> units{{
    {"ms", 1},
    {"s", 1'000},
    {"m", 60'000},
    {"h", 3'600'000},
    {"d", 86'400'000},
}};

} // namespace

std::optional<std::int64_t> parse_whole_number(std::string_view text) {
  if (text.empty() || text.front() == '-') return std::nullopt;
  std::int64_t number = 0;
  const auto* end = text.data() + text.size();
  const auto [stop, failure] = std::from_chars(text.data(), end, number);
  if (failure != std::errc{} || stop != end) return std::nullopt;
  return number;
}

std::optional<std::chrono::milliseconds> parse_duration(std::string_view text) {
  const auto digits = std::min(text.find_first_not_of("0123456789"), text.size());
  const auto number = parse_whole_number(text.substr(0, digits));
  if (!number) return std::nullopt;
  const auto suffix = digits == text.size() ? "ms" : text.substr(digits);
  const auto* found = std::ranges::find(units, suffix, &unit::name);
  if (found == units.end()) return std::nullopt;
  if (*number > longest_duration.count() / found->milliseconds) return std::nullopt;
  return std::chrono::milliseconds{*number * found->milliseconds};
}

std::string show_duration(std::chrono::milliseconds duration) {
  const auto divides = [count = duration.count()](const unit& u) {
    return count != 0 && count % u.milliseconds == 0;
  };
  const auto best = std::find_if(units.rbegin(), units.rend(), divides);
  const auto& chosen = best == units.rend() ? units.front() : *best;
  return std::to_string(duration.count() / chosen.milliseconds) + std::string{chosen.name};
}

std::optional<bool> parse_truth(std::string_view text) {
  for (const auto yes : {"true", "yes", "on", "1"})
    if (text == yes) return true;
  for (const auto no : {"false", "no", "off", "0"})
    if (text == no) return false;
  return std::nullopt;
}

} // namespace hubbub
