#pragma once

#include "net/http/http_exchange.hpp"

namespace hubbub {

class io_thread;

/// `respond`, fit to be called and destroyed on another thread: both happen at home.
[[nodiscard]] http_responder homing_responder(io_thread& home, http_responder respond);

} // namespace hubbub
