#pragma once

#include <cstddef>

namespace hubbub {

/// How often the end of an io thread's pass is postponed for sockets that turn out to be ready.
/// Each time costs only a check, and their input becomes part of the pass.
inline constexpr std::size_t max_postponed = 4;

} // namespace hubbub
