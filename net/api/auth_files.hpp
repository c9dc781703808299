#pragma once

#include "actors/session/authenticator.hpp"
#include "net/api/auth_config.hpp"
#include "proto/expected.hpp"
#include "proto/limits.hpp"

#include <string>

namespace hubbub {

/// A secret from a file: its content, but for the end of the last line.
[[nodiscard]] expected<std::string, std::string> read_secret_file(const std::string& path);

/// Reads the keys that the configuration names. The error is one sentence that names the
/// setting and the file, and shows nothing of what is in it.
[[nodiscard]] expected<authenticator_ptr, std::string>
load_authenticator(const auth_config& config, const chat_limits& limits);

} // namespace hubbub
