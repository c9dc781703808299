#pragma once

#include "actors/settings.hpp"
#include "net/auth_config.hpp"
#include "net/server.hpp"
#include "persistence/store.hpp"
#include "proto/expected.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace hubbub {

enum class log_level : std::uint8_t { trace, debug, info, warning, error, off };

/// All that can be set. Plain values with their defaults; setting_table.hpp names them.
struct hubbub_config {
  server_config server;
  chat_settings chat;
  store_config store;
  auth_config auth;
  log_level log = log_level::info;

  /// What no setting can know alone. The error is one sentence that names the settings.
  [[nodiscard]] expected<void, std::string> validate() const;
};

/// Where values come from, weakest first: a file, the environment, the command line. Each
/// overwrites what it names. The error is one sentence that names the setting and what it
/// takes.
using settings_text = std::map<std::string, std::string, std::less<>>;

/// Reads a TOML file whose top-level keys are settings; any other key is refused.
[[nodiscard]] expected<void, std::string> apply_file(hubbub_config& config,
                                                     const std::string& path);

/// Reads variables named `HUBBUB_PING_INTERVAL` and the like. What begins with `HUBBUB_` and is
/// no setting is left alone and told in `warnings`.
[[nodiscard]] expected<void, std::string> apply_environment(hubbub_config& config,
                                                            const settings_text& variables,
                                                            std::vector<std::string>& warnings);

/// The variables of this process that begin with `HUBBUB_`.
[[nodiscard]] settings_text hubbub_environment();

} // namespace hubbub
