#pragma once

#include "proto/model.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace CLI { // NOLINT(readability-identifier-naming): the library's
class App;
}

namespace hubbub {

enum class database_verb : std::uint8_t {
  check,
  backup,
  compact,
  export_room,
  import_room,
  copy,
};

/// The commands `hubbub db …`: what an operator can do with a database besides serving it.
struct database_command {
  database_verb verb = database_verb::check;
  std::string path; ///< the path or the address of the database
  std::string file; ///< the file to write or to read; empty: standard output or standard input
  std::optional<room_ref> room;
};

/// The arguments of these commands, before they are interpreted.
struct spoken_database_command {
  std::optional<database_verb> verb;
  std::string path;
  std::string file;
  std::string room;
  std::int64_t room_id = 0;
  std::string format;
};

/// Adds the command `db` with its subcommands. `said` outlives the parsing.
void add_database_commands(CLI::App& app, spoken_database_command& said);

/// Interprets the arguments; `path` is used if the command line names no database.
[[nodiscard]] database_command to_command(const spoken_database_command& said,
                                          const std::string& path);

/// Runs the command on the calling thread. Results go to standard output, errors as one
/// sentence to standard error. Returns the program's exit status, which is not zero also if a
/// check found faults.
[[nodiscard]] int run_database_command(const database_command& command);

} // namespace hubbub
