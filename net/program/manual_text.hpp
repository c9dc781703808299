#pragma once

#include "net/manual/command_text.hpp"

#include <string>
#include <vector>

namespace CLI { // NOLINT(readability-identifier-naming): the library's
class App;
}

namespace hubbub {

/// Returns the names of the manual pages that `manual_text` writes.
[[nodiscard]] std::vector<std::string> manual_names();

/// Returns a manual page for `man`: `hubbub`, all commands, or `hubbub.conf`, all settings.
[[nodiscard]] std::string manual_text(const CLI::App& app, const std::string& name);

/// Returns a script that makes this shell complete commands and options.
[[nodiscard]] std::string completion_text(const CLI::App& app, const std::string& shell);

/// Returns a configuration file in which each setting is a comment that shows its default.
[[nodiscard]] std::string settings_file();

} // namespace hubbub
