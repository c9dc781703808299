#pragma once

#include "net/http/http_exchange.hpp"

namespace hubbub {

class io_thread;

/// Wraps `respond` so that it may be called and destroyed on another thread: both happen on its
/// home thread.
[[nodiscard]] http_responder homing_responder(io_thread& home, http_responder respond);

} // namespace hubbub
