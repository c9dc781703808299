#pragma once

#include "net/hubbub_config.hpp"
#include "proto/expected.hpp"

#include <string>

namespace CLI { // NOLINT(readability-identifier-naming): the library's
class App;
}

namespace hubbub {

/// The command `hubbub upgrade`: asks a server to leave its place to a new process.
struct upgrade_command {
  std::string socket;
  bool may_migrate = false;
};

/// The arguments of this command, before they are interpreted.
struct spoken_upgrade_command {
  bool is_given = false;
  bool may_migrate = false;
};

/// The lines that the command sends to the server, and how the answers begin; then comes the
/// number of the new process, or why there is none.
inline constexpr auto upgrade_request = "upgrade";
inline constexpr auto upgrade_request_with_migration = "upgrade migrate";
inline constexpr auto upgrade_done_answer = "done ";
inline constexpr auto upgrade_refused_answer = "refused ";

/// Adds the command `upgrade`, and returns it so that settings can be added. `said` outlives
/// the parsing.
CLI::App& add_upgrade_command(CLI::App& app, spoken_upgrade_command& said);

/// Interprets the arguments; `config` says where a server with these settings listens for it.
/// The error is one sentence.
[[nodiscard]] expected<upgrade_command, std::string>
to_upgrade_command(const spoken_upgrade_command& said, const hubbub_config& config);

/// Asks the server, prints to standard output which process serves then, errors as one sentence
/// to standard error, and returns the program's exit status.
[[nodiscard]] int run_upgrade_command(const upgrade_command& command);

} // namespace hubbub
