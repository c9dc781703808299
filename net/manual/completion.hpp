#pragma once

#include "net/manual/command_text.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace hubbub {

/// Returns a script that makes a shell complete the commands, the options and their values:
/// `bash`, `zsh` or `fish`. Install it where the shell looks for those of programs, or source
/// it.
[[nodiscard]] std::string completion(const command_text& program, std::string_view shell);

[[nodiscard]] std::string bash_completion(const command_text& program);
[[nodiscard]] std::string zsh_completion(const command_text& program);
[[nodiscard]] std::string fish_completion(const command_text& program);

/// A command with the words that lead to it: `hubbub db check`.
struct command_at {
  std::string path;
  const command_text* command;
};
/// Returns a program and all commands in it, each before those below it.
[[nodiscard]] std::vector<command_at> all_commands(const command_text& program);

/// Returns the words with a space between them.
[[nodiscard]] std::string joined(const std::vector<std::string>& words);

} // namespace hubbub
