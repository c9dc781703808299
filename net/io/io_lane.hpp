#pragma once

#include "actors/interfaces.hpp"
#include "actors/runtime/pinned.hpp"

#include <cstddef>

namespace hubbub {

/// One io thread, as those who live on it see it.
struct io_lane {
  std::size_t index = 0;
  io_unit* unit = nullptr;
  relay_actor relay;
};

} // namespace hubbub
