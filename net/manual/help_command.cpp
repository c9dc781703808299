#include "net/manual/help_command.hpp"

#include "net/manual/unknown_word.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>

namespace hubbub {
namespace {

CLI::App* find_command(CLI::App& below, const std::string& word) {
  const auto found = below.get_subcommands([&word](CLI::App* each) {
    return !each->get_name().empty() && each->get_name() == word;
  });
  return found.empty() ? nullptr : found.front();
}

} // namespace

CLI::App& add_help_commands(CLI::App& app, spoken_help_command& said,
                            const std::vector<std::string>& pages) {
  auto* help = app.add_subcommand("help", "print the help of a command");
  help->set_help_flag("--help,-h", "print this help");
  auto* words = help->add_option("COMMAND", said.command, "the command, such as: db check");
  auto* page = help->add_option("--man", said.page, "print a manual page")
                   ->check(CLI::IsMember(pages))
                   ->type_name("PAGE");
  page->excludes(words);
  help->callback([&said] { said.verb = help_verb::help; });

  auto* version = app.add_subcommand("version", "print the version");
  version->set_help_flag("--help,-h", "print this help");
  version->callback([&said] { said.verb = help_verb::version; });

  auto* completion = app.add_subcommand(
      "completion", "print a script that completes commands and options in a shell");
  completion->set_help_flag("--help,-h", "print this help");
  completion->add_option("SHELL", said.shell, "which shell")
      ->check(CLI::IsMember({"bash", "zsh", "fish"}))
      ->required();
  completion->callback([&said] { said.verb = help_verb::completion; });
  return *help;
}

expected<std::string, std::string> help_of(CLI::App& app,
                                           const std::vector<std::string>& command) {
  auto* at = &app;
  std::string path;
  for (const auto& word : command) {
    auto* const next = find_command(*at, word);
    if (next == nullptr) return unexpected(unknown_command(*at, word));
    path.append(path.empty() ? "" : " ").append(at->get_name());
    at = next;
  }
  // What was parsed is `help`, so the command's own help is not passed on to one below it.
  return at == &app
             ? app.get_formatter()->make_help(&app, app.get_name(), CLI::AppFormatMode::Normal)
             : at->help(path);
}

} // namespace hubbub
