#pragma once

#include "actors/session/authenticator.hpp"
#include "net/api/auth_config.hpp"
#include "proto/expected.hpp"
#include "proto/limits.hpp"

#include <string>
#include <vector>

namespace hubbub {

/// Reads a secret from a file: its content, without the line break at the end.
[[nodiscard]] expected<std::string, std::string> read_secret_file(const std::string& path);
/// Reads the secret by which nodes know each other, in the same way. It must be long enough not
/// to be guessed, and fit into a header.
[[nodiscard]] expected<std::string, std::string> read_node_secret(const std::string& path);

/// True if the file's mode lets every user of the machine read it. The folders above it are not
/// looked at.
[[nodiscard]] bool is_exposed(const std::string& path);
/// Returns those files of a list, separated by commas, that are exposed.
[[nodiscard]] std::vector<std::string> exposed_files(const std::string& list);

struct loaded_keys {
  authenticator_ptr authenticator; ///< never null
  /// One sentence for each key of a set and each line of a list that is unusable and ignored.
  std::vector<std::string> warnings;
};

/// Reads the keys that the configuration names. The error is one sentence that names the
/// setting and the file. Neither the error nor a warning shows anything of a file's content.
[[nodiscard]] expected<loaded_keys, std::string> load_authenticator(const auth_config& config,
                                                                    const chat_limits& limits);

} // namespace hubbub
