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

/// `hubbub db …`: what an operator does with a database beside serving it.
struct database_command {
  database_verb verb = database_verb::check;
  std::string path; ///< of the database, or where it is
  std::string file; ///< to write or to read; empty: standard output, standard input
  std::optional<room_ref> room;
};

/// What the command line says of it, before anything is made of it.
struct spoken_database_command {
  std::optional<database_verb> verb;
  std::string path;
  std::string file;
  std::string room;
  std::int64_t room_id = 0;
  std::string format;
};

/// Adds the command `db` with its verbs. `said` outlives the parsing.
void add_database_commands(CLI::App& app, spoken_database_command& said);

/// `path` where the command line named none.
[[nodiscard]] database_command to_command(const spoken_database_command& said,
                                          const std::string& path);

/// Does it, on the calling thread. Results go to standard output, errors as one sentence to
/// standard error. The program's exit status: not zero as well if a check found something.
[[nodiscard]] int run_database_command(const database_command& command);

} // namespace hubbub
