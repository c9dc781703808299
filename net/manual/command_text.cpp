#include "net/manual/command_text.hpp"

#include <CLI/CLI.hpp>

#include <cctype>

namespace hubbub {
namespace {

/// Returns the parts of `a|b` or `a,b`.
std::vector<std::string> split(std::string_view text, char between) {
  std::vector<std::string> parts;
  while (true) {
    const auto end = text.find(between);
    parts.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

/// Returns the words that CLI11 lists of a check such as `{nginx,haproxy}`; none for others.
std::vector<std::string> words_of(std::string_view check) {
  if (!check.starts_with('{') || !check.ends_with('}')) return {};
  return split(check.substr(1, check.size() - 2), ',');
}

/// Interprets what CLI11 calls the type of an option: `NUMBER [5005]`, `websocket|polling`,
/// `TEXT:{jsonl}`.
void read_type(option_text& option, std::string_view type) {
  const auto colon = type.find(':');
  if (colon != std::string_view::npos) option.words = words_of(type.substr(colon + 1));
  type = type.substr(0, colon);
  if (type.find('|') != std::string_view::npos) {
    option.words = split(type, '|');
    type = "WORD";
  }
  const auto bracket = type.find(" [");
  option.value = type.substr(0, bracket);
  if (bracket != std::string_view::npos)
    option.by_default = type.substr(bracket + 2, type.size() - bracket - 3);
  if (option.value == "BOOL") option.words = {"true", "false"};
  option.is_file = option.value == "FILE";
}

option_text describe(const CLI::Option& from) {
  option_text option;
  option.is_argument = from.get_lnames().empty();
  option.name = option.is_argument ? from.get_name() : "--" + from.get_lnames().front();
  option.help = from.get_description();
  option.is_required = from.get_required();
  option.may_stand_alone = from.get_items_expected_min() == 0;
  if (from.get_items_expected_max() > 0) read_type(option, from.get_type_name());
  if (option.by_default.empty()) option.by_default = from.get_default_str();
  option.is_file = option.is_file || from.get_name() == "FILE";
  return option;
}

void add_options(std::vector<option_text>& to, const CLI::App& app) {
  for (const auto* option : app.get_options())
    to.push_back(describe(*option));
  // A group of options is an app without a name.
  for (const auto* group :
       app.get_subcommands([](const CLI::App* each) { return each->get_name().empty(); }))
    add_options(to, *group);
}

} // namespace

command_text describe(const CLI::App& app) {
  command_text command{app.get_name(), app.get_description(), {}, {}};
  add_options(command.options, app);
  for (const auto* inner :
       app.get_subcommands([](const CLI::App* each) { return !each->get_name().empty(); }))
    command.commands.push_back(describe(*inner));
  return command;
}

std::string shown_type(std::string_view type) {
  const auto colon = type.find(':');
  if (colon == std::string_view::npos) return std::string{type};
  std::string text;
  for (const auto& word : words_of(type.substr(colon + 1)))
    text.append(text.empty() ? "" : "|").append(word);
  return text.empty() ? std::string{type.substr(0, colon)} : text;
}

std::string synopsis_of(const option_text& option) {
  if (option.is_argument) return option.is_required ? option.name : "[" + option.name + "]";
  if (option.value.empty()) return option.name;
  return option.name +
         (option.may_stand_alone ? " [" + option.value + "]" : " " + option.value);
}

} // namespace hubbub
