#pragma once

#include "net/api/auth_config.hpp"
#include "proto/access/access.hpp"
#include "proto/expected.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace CLI { // NOLINT(readability-identifier-naming): the library's
class App;
}

namespace hubbub {

/// The command `hubbub token`: makes a token for experiments, with the server's secret.
struct token_command {
  auth_config auth;
  access allowed; ///< the rights, without the expiry
  std::chrono::milliseconds lifetime{};
};

/// The command `hubbub api-key new`: makes a key for the HTTP API.
struct api_key_command {
  std::string name;
};

enum class access_verb : std::uint8_t { none, make_token, make_api_key };

/// The arguments of these commands, before they are interpreted.
struct spoken_access_command {
  access_verb verb = access_verb::none;
  std::string user;
  std::string name;
  std::vector<std::string> rooms;
  std::string scope = "write";
  std::string lifetime = "1h";
};

/// Adds the command `token`, and returns it so that settings can be added.
CLI::App& add_token_command(CLI::App& app, spoken_access_command& said);
/// Adds the command `api-key`. `said` outlives the parsing.
void add_api_key_command(CLI::App& app, spoken_access_command& said);

/// Interprets the arguments of `token`. The error is one sentence.
[[nodiscard]] expected<token_command, std::string>
to_token_command(const spoken_access_command& said, const auth_config& auth);

/// Prints the token to standard output and returns the program's exit status.
[[nodiscard]] int run_token_command(const token_command& command);
[[nodiscard]] int run_api_key_command(const api_key_command& command);

} // namespace hubbub
