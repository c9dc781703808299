#pragma once

#include "net/hubbub_config.hpp"

#include <span>
#include <string>
#include <string_view>

namespace hubbub {

/// Returns the names of the settings that should be the same on all nodes that share a
/// database: those of what clients and rooms may count on.
[[nodiscard]] std::span<const std::string_view> agreed_names();

/// Returns these settings with their values, a line `NAME=VALUE` for each. They hold no
/// secrets.
[[nodiscard]] std::string agreed_settings(const hubbub_config& config);

} // namespace hubbub
