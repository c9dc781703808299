#pragma once

namespace hubbub {

/// Empties a string or a container and releases its memory. `clear()`, `= {}` and the
/// assignment of an empty one may keep the memory.
template <class Container>
void free_memory(Container& container) {
  Container{}.swap(container);
}

} // namespace hubbub
