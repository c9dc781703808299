#pragma once

#include "actors/session/session.hpp"
#include "net/engine/engine_endpoint.hpp"

#include <memory>

namespace hubbub {

/// Returns a factory that runs a Socket.IO session actor on each Engine.IO session.
[[nodiscard]] consumer_factory session_consumers(std::shared_ptr<const session_setup> setup);

} // namespace hubbub
