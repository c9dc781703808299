#pragma once

#include "net/engine/engine_endpoint.hpp"

namespace hubbub {

/// Makes consumers that send each Engine.IO message back, for the tests of protocol
/// conformance.
[[nodiscard]] consumer_factory echo_consumers();

} // namespace hubbub
