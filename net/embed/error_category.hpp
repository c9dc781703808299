#pragma once

#include "proto/error.hpp"

#include <caf/actor_system_config.hpp>
#include <caf/error.hpp>
#include <hubbub/errc.hpp>

#include <string>
#include <string_view>

namespace hubbub {

/// Registers the category of `errc` with the configuration of an actor system.
void add_error_category(caf::actor_system_config& config);

/// Returns the public code of an error of the chat.
[[nodiscard]] errc to_errc(error_code code);
/// Returns the code by which a client is told of an error of the host's.
[[nodiscard]] error_code to_error_code(errc code);
/// Returns the public code of an error that is named as on the wire.
[[nodiscard]] errc errc_named(std::string_view name);
/// Returns an error of the chat as one of the public category.
[[nodiscard]] caf::error to_caf(const error& why);

} // namespace hubbub
