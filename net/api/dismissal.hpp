#pragma once

#include "net/server.hpp"

#include <cstddef>
#include <string>

namespace hubbub {

/// Tells the clients of a user on one thread to go for good. Returns how many there were.
std::size_t dismiss_on_thread(const std::string& user_id, const session_walk& sessions);

} // namespace hubbub
