#pragma once

#include "net/engine/engine_gate.hpp"

namespace hubbub {

/// Sends each Engine.IO message back: what protocol conformance is tested against.
[[nodiscard]] consumer_factory echo_consumers();

} // namespace hubbub
