#include "net/program/slow_reader_setting.hpp"

#include "proto/json/text.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace hubbub {
namespace {

constexpr std::array<std::pair<std::string_view, slow_reader_policy>, 3> words{{
    {"drop_volatile", slow_reader_policy::drop_volatile},
    {"disconnect", slow_reader_policy::disconnect},
    {"resync", slow_reader_policy::resync},
}};

std::optional<slow_reader_rule> parse_policy_rule(std::string_view text) {
  slow_reader_rule rule;
  // The name of a room may contain an equals sign, a policy cannot.
  if (const auto equals = text.rfind('='); equals != std::string_view::npos) {
    rule.room_pattern = text.substr(0, equals);
    text.remove_prefix(equals + 1);
  }
  const auto* found = std::ranges::find(words, text, [](const auto& w) { return w.first; });
  if (rule.room_pattern.empty() || found == words.end()) return std::nullopt;
  rule.policy = found->second;
  return rule;
}

} // namespace

std::optional<std::vector<slow_reader_rule>> parse_slow_readers(std::string_view text) {
  std::vector<slow_reader_rule> rules;
  for (bool more = !trim(text).empty(); more;) {
    const auto comma = text.find(',');
    auto rule = parse_policy_rule(trim(text.substr(0, comma)));
    if (!rule) return std::nullopt;
    rules.push_back(std::move(*rule));
    more = comma != std::string_view::npos;
    if (more) text.remove_prefix(comma + 1);
  }
  return rules;
}

std::string show_slow_readers(const std::vector<slow_reader_rule>& rules) {
  std::string text;
  for (const auto& rule : rules) {
    const auto* found =
        std::ranges::find(words, rule.policy, [](const auto& w) { return w.second; });
    text.append(text.empty() ? "" : ",").append(rule.room_pattern).append("=");
    text.append(found->first);
  }
  return text;
}

} // namespace hubbub
