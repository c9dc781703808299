#pragma once

#include "actors/interfaces.hpp"
#include "actors/runtime/pinned.hpp"

#include <cstddef>

namespace hubbub {

/// The parts of an io thread that actors and other code on it need.
struct io_thread_handle {
  std::size_t index = 0;
  io_unit* unit = nullptr;
  relay_actor relay;
};

} // namespace hubbub
