#include "net/program/manual_text.hpp"

#include "net/manual/completion.hpp"
#include "net/manual/manual_page.hpp"
#include "net/program/setting_table.hpp"
#include "net/version.hpp"

#include <algorithm>

namespace hubbub {
namespace {

constexpr std::string_view settings_page_name = "hubbub.conf";
constexpr std::string_view settings_file_name = "/etc/hubbub/hubbub.conf";

const setting* setting_of(const option_text& option) {
  const auto table = all_settings();
  const auto found = std::ranges::find(table, option.name, option_name);
  return found == table.end() ? nullptr : &*found;
}

/// Returns the values of a setting that takes one of a few words.
std::vector<std::string> words_of(const setting& s) {
  constexpr std::string_view start = "one of ";
  std::vector<std::string> words;
  std::string_view left = s.takes;
  if (!left.starts_with(start)) return words;
  left.remove_prefix(start.size());
  while (true) {
    const auto end = left.find(", ");
    words.emplace_back(left.substr(0, end));
    if (end == std::string_view::npos) return words;
    left.remove_prefix(end + 2);
  }
}

/// Adds what the table of settings knows of options and CLI11 does not.
void explain_settings(command_text& command) {
  for (auto& option : command.options) {
    const auto* const known = setting_of(option);
    if (known == nullptr) continue;
    if (auto words = words_of(*known); !words.empty()) option.words = std::move(words);
    option.is_file = option.is_file || known->kind == "FILES" ||
                     known->takes.starts_with("the path of a file");
  }
  for (auto& inner : command.commands)
    explain_settings(inner);
}

manual_page::heading heading_of(std::string_view name, char section, std::string_view what,
                                const std::string& project) {
  return {name, section, what, project, manual_date()};
}

std::string project_name() {
  return "hubbub " + std::string{hubbub_version};
}

std::string program_page(command_text program) {
  // A setting is an option of serve as well; they have a page of their own.
  for (auto& each : program.commands)
    if (each.name == "serve")
      std::erase_if(each.options,
                    [](const option_text& option) { return setting_of(option) != nullptr; });
  const auto project = project_name();
  manual_page page{heading_of("hubbub", '1', "chat server that speaks Socket.IO", project)};
  page.section("Synopsis");
  page.text("`hubbub` COMMAND [OPTION...]");
  page.section("Description");
  page.text("`hubbub serve` runs a chat server for clients of Socket.IO, over WebSocket and "
            "long polling, with rooms, history, presence and a JSON HTTP API. Messages are "
            "stored in SQLite, or in PostgreSQL, before anyone sees them. The other commands "
            "look after its database, make tokens and keys, and print what the program knows "
            "of itself.");
  page.text("When the server is ready it prints one line, `listening on http://HOST:PORT`, to "
            "standard output. The log goes to standard error.");
  page.commands(program);
  page.section("Signals");
  page.item("`SIGTERM`, `SIGINT`",
            "stop: what was sent is stored, clients are told to reconnect. With drain_delay "
            "set, everything is served that long before, and with drain_time the connections "
            "are closed one after the other over that time; a second signal skips both. "
            "`SIGINT` at a terminal waits for neither.");
  page.item("`SIGHUP`", "read the certificate, its key, the keys of tokens and the API keys "
                        "again. A file that cannot be used changes nothing.");
  page.item("`SIGUSR2`",
            "start the program anew and leave listening sockets and database to the "
            "new process, as `hubbub upgrade` does. If that one cannot serve, "
            "nothing changes.");
  page.section("Exit status");
  page.item("`0`", "it did what was asked");
  page.item("`1`", "it could not; standard error says why in one sentence");
  page.item("`2`", "the arguments or the settings are wrong");
  page.section("Environment");
  page.item("`HUBBUB_`NAME", "the setting of this name, such as HUBBUB_PORT for port");
  page.item("`HUBBUB_CONFIG`", "the file with settings, if `--config` names none");
  page.item("`NO_COLOR`", "no colours in the log, even at a terminal");
  page.section("Files");
  page.item("`" + std::string{settings_file_name} + "`",
            "the settings of the service that the package installs");
  page.item("`/var/lib/hubbub`", "the database of that service");
  page.section("Examples");
  page.example("hubbub serve --port 8080 --db chat.db\n"
               "hubbub db check --db chat.db\n"
               "hubbub help db export");
  page.section("See also");
  page.text("`hubbub.conf`(5), `hubbub-bench`(1)");
  return page.written();
}

/// Returns the setting with its value, as it stands in the file.
std::string line_of(const setting& s) {
  const auto value = s.show(hubbub_config{});
  const bool is_bare = value == "true" || value == "false" ||
                       (s.kind == "NUMBER" && !value.empty() && value != "auto");
  return std::string{s.name} + " = " + (is_bare ? value : '"' + value + '"');
}

std::string settings_page() {
  const auto project = project_name();
  manual_page page{
      heading_of(settings_page_name, '5', "settings of the chat server hubbub", project)};
  page.section("Synopsis");
  page.text("`hubbub serve --config` FILE");
  page.section("Description");
  page.text(
      "A file in TOML whose top-level keys are settings. Each is also an option of `hubbub "
      "serve` and a variable: port is `--port` and HUBBUB_PORT. The command line takes "
      "precedence over the environment, and the environment over the file. An unknown "
      "key is refused.");
  page.text("Numbers, true and false are written bare, everything else in quotes. Durations "
            "are whole numbers of milliseconds, or of the unit that follows: 500ms, 25s, 2m, "
            "24h, 7d. `hubbub help --config` prints a file with every setting at its default.");
  std::string_view group;
  for (const auto& s : all_settings()) {
    if (s.group != group) page.section(s.group);
    group = s.group;
    page.item("`" + line_of(s) + "`", std::string{s.help} + ". Takes " + s.takes + ".");
  }
  page.section("Example");
  page.example("port = 8080\n"
               "cors_origins = [\"https://chat.example\"]\n"
               "retention = [\"tmp-*=1h\", \"*=90d\"]\n"
               "compression = true");
  page.section("See also");
  page.text("`hubbub`(1)");
  return page.written();
}

} // namespace

std::vector<std::string> manual_names() {
  return {"hubbub", std::string{settings_page_name}};
}

std::string manual_text(const CLI::App& app, const std::string& name) {
  return name == settings_page_name ? settings_page() : program_page(describe(app));
}

std::string completion_text(const CLI::App& app, const std::string& shell) {
  auto program = describe(app);
  explain_settings(program);
  return completion(program, shell);
}

std::string settings_file() {
  std::string out = "# Settings of hubbub, in TOML; hubbub.conf(5) and hubbub serve --help "
                    "explain them.\n# Remove the # before a setting to change it.\n";
  std::string_view group;
  for (const auto& s : all_settings()) {
    if (s.group != group) out.append("\n# == ").append(s.group).append(" ==\n");
    group = s.group;
    out.append("\n# ").append(s.help).append("\n# (").append(s.takes).append(")\n");
    out.append("#").append(line_of(s)).append("\n");
  }
  return out;
}

} // namespace hubbub
