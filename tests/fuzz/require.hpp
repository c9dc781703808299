#pragma once

#include <cstdlib>

namespace hubbub::test {

/// Ends the run of a fuzz target that found a broken guarantee.
inline void require(bool truth) {
  if (!truth) std::abort();
}

} // namespace hubbub::test
