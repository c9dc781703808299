#pragma once

#include "net/program/command_line.hpp"

namespace hubbub {

/// Runs a chat server until SIGINT or SIGTERM and returns the process's exit code. A second
/// signal ends the process at once. It takes over the process's signals and its log.
[[nodiscard]] int run_server(const serve_command& command);

} // namespace hubbub
