#include "net/program/command_line.hpp"
#include "net/program/setting_table.hpp"
#include "net/version.hpp"
#include "tests/support/catch.hpp"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace hubbub {
namespace {

std::string printed(const std::vector<std::string>& arguments) {
  const auto parsed = parse_command_line(arguments, {});
  if (!parsed) FAIL(parsed.error());
  REQUIRE(std::holds_alternative<print_command>(*parsed));
  return std::get<print_command>(*parsed).text;
}

std::string refusal_of(const std::vector<std::string>& arguments) {
  const auto parsed = parse_command_line(arguments, {});
  REQUIRE_FALSE(parsed);
  return parsed.error();
}

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

TEST_CASE("help of a command is what its own option prints") {
  CHECK(printed({"help"}) == printed({"--help"}));
  CHECK(printed({"help", "serve"}) == printed({"serve", "--help"}));
  CHECK(printed({"help", "db"}) == printed({"db", "--help"}));
  CHECK(printed({"help", "db", "export"}) == printed({"db", "export", "--help"}));
  CHECK(printed({"help", "help"}) == printed({"help", "--help"}));
}

TEST_CASE("version is what the option prints") {
  CHECK(printed({"version"}) == "hubbub " + std::string{hubbub_version} + "\n");
  CHECK(printed({"--version"}) == printed({"version"}));
}

TEST_CASE("a mistyped word after help is answered with the command that was meant") {
  CHECK(refusal_of({"help", "sevre"}) ==
        "hubbub has no command sevre; did you mean serve? (try --help)");
  CHECK(refusal_of({"help", "db", "chek"}) ==
        "hubbub db has no command chek; did you mean check? (try --help)");
  CHECK(contains(refusal_of({"help", "serve", "now"}), "hubbub serve does not take 'now'"));
  CHECK(refusal_of({"versoin"}) ==
        "hubbub has no command versoin; did you mean version? (try --help)");
  CHECK(contains(refusal_of({"completion", "tcsh"}), "tcsh"));
  CHECK(contains(refusal_of({"help", "--man", "emacs"}), "emacs"));
}

TEST_CASE("the printed file shows every setting, and changes none when all are taken out") {
  const auto file = printed({"help", "--config"});
  std::string settings;
  std::istringstream lines{file};
  for (std::string line; std::getline(lines, line);)
    // A sentence begins after a space.
    if (line.size() > 1 && line[0] == '#' && line[1] != ' ')
      settings.append(line.substr(1)).append("\n");
  const auto path =
      std::filesystem::temp_directory_path() / ("hubbub-file-" + std::to_string(getpid()));
  std::ofstream{path} << settings;
  hubbub_config config;
  const auto applied = apply_file(config, path.string());
  std::filesystem::remove(path);
  if (!applied) FAIL(applied.error());
  for (const auto& s : all_settings()) {
    INFO(s.name);
    CHECK(s.show(config) == s.show(hubbub_config{}));
    CHECK(contains(settings, std::string{s.name} + " = "));
  }
}

TEST_CASE("the manual page of the settings names each of them with its default") {
  const auto page = printed({"help", "--man", "hubbub.conf"});
  CHECK(contains(page, "\\fBport = 5005\\fR\n"));
  CHECK(contains(page, "\\fBping_interval = \"25s\"\\fR\n"));
  for (const auto& s : all_settings())
    CHECK(contains(page, "\n\\fB" + std::string{s.name} + " = "));
}

TEST_CASE("the manual page of the program names each command and its options") {
  const auto page = printed({"help", "--man", "hubbub"});
  for (const auto* command :
       {"hubbub serve", "hubbub db check", "hubbub db copy", "hubbub token",
        "hubbub api\\-key new", "hubbub help", "hubbub version", "hubbub completion"})
    CHECK(contains(page, "\n\\fB" + std::string{command} + "\\fR"));
  CHECK(contains(page, "\\fB\\-\\-room\\-id NUMBER\\fR"));
  CHECK_FALSE(contains(page, "\\-\\-ping\\-interval"));
}

} // namespace
} // namespace hubbub
