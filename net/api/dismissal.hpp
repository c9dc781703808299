#pragma once

#include "net/server.hpp"

#include <cstddef>
#include <string>
#include <unordered_set>

namespace hubbub {

using dismissed_users = std::unordered_set<std::string>;

/// Tells the clients of these users on one thread to go for good. Returns how many there were.
std::size_t dismiss_on_thread(const dismissed_users& users, const session_walk& sessions);

} // namespace hubbub
