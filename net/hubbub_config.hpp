#pragma once

#include "actors/settings.hpp"
#include "net/api/auth_config.hpp"
#include "net/io/server_config.hpp"
#include "persistence/store.hpp"
#include "proto/expected.hpp"

#include <cstdint>
#include <string>

namespace hubbub {

enum class log_level : std::uint8_t { trace, debug, info, warning, error, off };

/// All that can be set. Plain values with their defaults; net/program/setting_table.hpp names
/// them.
struct hubbub_config {
  server_config server;
  chat_settings chat;
  store_config store;
  auth_config auth;
  log_level log = log_level::info;

  /// What no setting can know alone. The error is one sentence that names the settings.
  [[nodiscard]] expected<void, std::string> validate() const;
};

} // namespace hubbub
