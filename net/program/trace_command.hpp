#pragma once

#include "net/hubbub_config.hpp"
#include "proto/expected.hpp"
#include "proto/trace/trace_story.hpp"

#include <string>

namespace CLI { // NOLINT(readability-identifier-naming): the library's
class App;
}

namespace hubbub {

/// The command `hubbub trace`: tells what the flight recorder remembers.
struct trace_command {
  std::string file;
  trace_question question;
};

/// The arguments of this command, before they are interpreted.
struct spoken_trace_command {
  bool is_given = false;
  std::string file;
  std::string user;
  std::string room;
  std::string since;
  bool as_json = false;
};

/// Adds the command `trace`, and returns it so that settings can be added. `said` outlives the
/// parsing.
CLI::App& add_trace_command(CLI::App& app, spoken_trace_command& said);

/// Interprets the arguments; `config` says where a server with these settings has its file. The
/// error is one sentence.
[[nodiscard]] expected<trace_command, std::string>
to_trace_command(const spoken_trace_command& said, const hubbub_config& config);

/// Prints the story to standard output, errors as one sentence to standard error, and returns
/// the program's exit status.
[[nodiscard]] int run_trace_command(const trace_command& command);

} // namespace hubbub
