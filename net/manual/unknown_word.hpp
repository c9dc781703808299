#pragma once

#include <optional>
#include <string>
#include <vector>

namespace CLI { // NOLINT(readability-identifier-naming): the library's
class App;
}

namespace hubbub {

/// Returns a sentence about the first word of a refused command line that is unknown, with the
/// word that was probably meant. Returns nothing if all words are known. `app` has tried to
/// parse `arguments`.
[[nodiscard]] std::optional<std::string>
unknown_word(const CLI::App& app, const std::vector<std::string>& arguments);

/// Returns the same for a word that should be a command of `command`.
[[nodiscard]] std::string unknown_command(const CLI::App& command, const std::string& word);

} // namespace hubbub
