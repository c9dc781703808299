#include "net/program/retention_setting.hpp"

#include "net/program/setting_value.hpp"

#include <algorithm>

namespace hubbub {
namespace {

constexpr std::string_view keep_all = "all";
/// The shortest age, one second: messages are checked only once a minute anyway.
constexpr std::int64_t shortest_age_ms = 1'000;

std::string_view without_blanks(std::string_view text) {
  const auto first = std::min(text.find_first_not_of(' '), text.size());
  text.remove_prefix(first);
  return text.substr(0, text.find_last_not_of(' ') + 1);
}

/// Sets one bound of a rule. An age has a unit, a number of messages has none.
bool set_bound(retention_rule& rule, std::string_view text) {
  if (const auto count = parse_whole_number(text)) {
    if (*count < 1 || rule.max_messages != 0) return false;
    rule.max_messages = *count;
    return true;
  }
  const auto age = parse_duration(text);
  if (!age || age->count() < shortest_age_ms || rule.max_age_ms != 0) return false;
  rule.max_age_ms = age->count();
  return true;
}

std::optional<retention_rule> parse_rule(std::string_view text) {
  retention_rule rule;
  // The name of a room may contain an equals sign, the bound cannot.
  const auto equals = text.rfind('=');
  if (equals != std::string_view::npos) {
    rule.room_pattern = text.substr(0, equals);
    text.remove_prefix(equals + 1);
  }
  if (rule.room_pattern.empty()) return std::nullopt;
  if (text == keep_all) return rule;
  const auto slash = text.find('/');
  if (!set_bound(rule, text.substr(0, slash))) return std::nullopt;
  if (slash != std::string_view::npos && !set_bound(rule, text.substr(slash + 1)))
    return std::nullopt;
  return rule;
}

std::string show_rule(const retention_rule& rule) {
  auto text = rule.room_pattern + "=";
  if (rule.max_age_ms != 0) text += show_duration(std::chrono::milliseconds{rule.max_age_ms});
  if (rule.max_age_ms != 0 && rule.max_messages != 0) text += '/';
  if (rule.max_messages != 0) text += std::to_string(rule.max_messages);
  return text.ends_with('=') ? text.append(keep_all) : text;
}

} // namespace

std::optional<std::vector<retention_rule>> parse_retention(std::string_view text) {
  std::vector<retention_rule> rules;
  for (bool more = !without_blanks(text).empty(); more;) {
    const auto comma = text.find(',');
    auto rule = parse_rule(without_blanks(text.substr(0, comma)));
    if (!rule) return std::nullopt;
    rules.push_back(std::move(*rule));
    more = comma != std::string_view::npos;
    if (more) text.remove_prefix(comma + 1);
  }
  return rules;
}

std::string show_retention(const std::vector<retention_rule>& rules) {
  std::string text;
  for (const auto& rule : rules)
    text.append(text.empty() ? "" : ",").append(show_rule(rule));
  return text;
}

} // namespace hubbub
