#include "net/manual/unknown_word.hpp"

#include "net/manual/nearest_name.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <iterator>

namespace hubbub {
namespace {

std::string command_path(const CLI::App& command) {
  const auto* parent = command.get_parent();
  return parent == nullptr ? command.get_name()
                           : command_path(*parent) + " " + command.get_name();
}

/// Returns the last command of the line, as far as it was understood.
const CLI::App& command_of(const CLI::App& app) {
  const auto* command = &app;
  for (auto inner = app.get_subcommands(); !inner.empty(); inner = command->get_subcommands())
    command = inner.front();
  return *command;
}

std::vector<std::string> options_of(const CLI::App& command) {
  std::vector<std::string> names;
  for (const auto* option : command.get_options())
    for (const auto& name : option->get_lnames())
      names.push_back("--" + name);
  for (const auto* group :
       command.get_subcommands([](const CLI::App* each) { return each->get_name().empty(); }))
    std::ranges::move(options_of(*group), std::back_inserter(names));
  return names;
}

std::vector<std::string> commands_of(const CLI::App& command) {
  std::vector<std::string> names;
  for (const auto* each : command.get_subcommands([](const CLI::App*) { return true; }))
    if (!each->get_name().empty()) names.push_back(each->get_name());
  return names;
}

} // namespace

std::optional<std::string> unknown_word(const CLI::App& app,
                                        const std::vector<std::string>& arguments) {
  const auto left = app.remaining(true);
  const auto found = std::ranges::find_if(arguments, [&left](const std::string& each) {
    return std::ranges::find(left, each) != left.end();
  });
  if (found == arguments.end()) return std::nullopt;
  const auto& command = command_of(app);
  const auto word = found->substr(0, found->find('='));
  if (!word.starts_with('-')) return unknown_command(command, *found);
  const auto path = command_path(command);
  return path + " has no option " + word + did_you_mean(word, options_of(command)) + " (try " +
         path + " --help)";
}

std::string unknown_command(const CLI::App& command, const std::string& word) {
  const auto path = command_path(command);
  const auto commands = commands_of(command);
  if (commands.empty()) return path + " does not take '" + word + "' (try " + path + " --help)";
  return path + " has no command " + word + did_you_mean(word, commands) + " (try --help)";
}

} // namespace hubbub
