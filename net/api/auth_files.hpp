#pragma once

#include "actors/session/authenticator.hpp"
#include "net/api/auth_config.hpp"
#include "proto/expected.hpp"
#include "proto/limits.hpp"

#include <string>
#include <vector>

namespace hubbub {

/// A secret from a file: its content, but for the end of the last line.
[[nodiscard]] expected<std::string, std::string> read_secret_file(const std::string& path);

struct loaded_keys {
  authenticator_ptr authenticator; ///< never null
  /// A sentence for each key of a set and each line of a list that is of no use and ignored.
  std::vector<std::string> warnings;
};

/// Reads the keys that the configuration names. The error is one sentence that names the
/// setting and the file, and shows nothing of what is in it, as do the warnings.
[[nodiscard]] expected<loaded_keys, std::string> load_authenticator(const auth_config& config,
                                                                    const chat_limits& limits);

} // namespace hubbub
