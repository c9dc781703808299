#pragma once

#include "net/manual/command_text.hpp"
#include "proto/expected.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace hubbub {

enum class help_verb : std::uint8_t { none, help, version, completion };

/// The arguments of `help`, `version` and `completion`, before they are interpreted.
struct spoken_help_command {
  help_verb verb = help_verb::none;
  std::vector<std::string> command; ///< the command that help is wanted for, word by word
  std::string page;                 ///< the manual page that is wanted instead
  bool wants_file = false;          ///< a configuration file is wanted instead
  std::string shell;
};

/// Adds the commands `help`, `version` and `completion`, and returns the first so that more can
/// be added to it. `pages` are the manual pages to choose from. `said` outlives the parsing.
CLI::App& add_help_commands(CLI::App& app, spoken_help_command& said,
                            const std::vector<std::string>& pages);

/// Returns the help of a command below `app`; of `app` itself if there are no words. The error
/// is a sentence about the word that is no command.
[[nodiscard]] expected<std::string, std::string>
help_of(CLI::App& app, const std::vector<std::string>& command);

} // namespace hubbub
