#pragma once

#include "net/hubbub_config.hpp"
#include "proto/expected.hpp"

#include <hubbub/broker_config.hpp>

#include <string>

namespace hubbub {

/// Translates the settings of a host into those of the server. The error is one sentence that
/// names the field.
[[nodiscard]] expected<hubbub_config, std::string> to_settings(const broker_config& from);

} // namespace hubbub
