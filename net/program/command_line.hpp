#pragma once

#include "net/program/access_command.hpp"
#include "net/program/cluster_command.hpp"
#include "net/program/config.hpp"
#include "net/program/database_command.hpp"
#include "net/program/trace_command.hpp"
#include "net/program/upgrade_command.hpp"
#include "proto/expected.hpp"

#include <string>
#include <variant>
#include <vector>

namespace hubbub {

/// The command `hubbub serve`, with everything that the file, the environment and the command
/// line set.
struct serve_command {
  hubbub_config config;
  std::vector<std::string> warnings;
};
/// The output of `--help` or `--version`: print it and exit.
struct print_command {
  std::string text;
};
using parsed_command =
    std::variant<serve_command, database_command, token_command, api_key_command, trace_command,
                 upgrade_command, cluster_status_command, print_command>;

/// Parses a call of the program. `arguments` are those after the program's name, `environment`
/// the variables that begin with `HUBBUB_`. The error is one sentence.
[[nodiscard]] expected<parsed_command, std::string>
parse_command_line(const std::vector<std::string>& arguments, const settings_text& environment);

} // namespace hubbub
