#pragma once

#include "net/hubbub_config.hpp"
#include "proto/expected.hpp"

#include <hubbub/broker_config.hpp>

#include <chrono>
#include <string>

namespace hubbub {

/// The longest time that a host may set. What is longer means "never", which no field does:
/// added to the time of day it would lie in the past.
inline constexpr std::chrono::milliseconds longest_host_time = std::chrono::hours{24} * 3'650;

/// Translates the settings of a host into those of the server. The error is one sentence that
/// names the field.
[[nodiscard]] expected<hubbub_config, std::string> to_settings(const broker_config& from);

} // namespace hubbub
