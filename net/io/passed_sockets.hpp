#pragma once

#include "proto/expected.hpp"

#include <string>
#include <vector>

namespace hubbub {

/// Returns the listening sockets that the supervisor passed (LISTEN_FDS), which belong to the
/// caller from now on; none if they are meant for another process. The error is one sentence.
[[nodiscard]] expected<std::vector<int>, std::string> passed_sockets();

} // namespace hubbub
