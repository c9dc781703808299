#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace CLI { // NOLINT(readability-identifier-naming): the library's
class App;
}

namespace hubbub {

/// An option or an argument of a command, as manuals and completions need it.
struct option_text {
  std::string name;  ///< `--port`; of an argument its name, `FILE`
  std::string value; ///< a word for the value, `NUMBER`; empty for one without a value
  std::string help;
  std::string by_default;         ///< the value if nothing is said; may be empty
  std::vector<std::string> words; ///< the values, if they are few words
  bool is_argument = false;
  bool is_required = false;
  bool may_stand_alone = false; ///< an option whose value may be left out
  bool is_file = false;         ///< the value is the path of a file
};

/// A command with its options, and the commands below it.
struct command_text {
  std::string name; ///< one word: `check`
  std::string help;
  std::vector<option_text> options;
  std::vector<command_text> commands;
};

/// Returns what a command line takes, in the order in which it was declared.
[[nodiscard]] command_text describe(const CLI::App& app);

/// Returns how help writes what CLI11 calls the type of an option: `nginx|haproxy` for
/// `TEXT:{nginx,haproxy}`, `NUMBER [8080]` for `NUMBER [8080]:INT in [1 - 65535]`.
[[nodiscard]] std::string shown_type(std::string_view type);

/// Returns how a manual writes an option with its value: `--port NUMBER`, `[FILE]`.
[[nodiscard]] std::string synopsis_of(const option_text& option);

} // namespace hubbub
