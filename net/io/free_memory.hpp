#pragma once

namespace hubbub {

/// Empties a string or a container and gives its memory back, which `clear()`, `= {}` and the
/// assignment of an empty one need not do: they keep what there is for what may come.
template <class Container>
void free_memory(Container& container) {
  Container{}.swap(container);
}

} // namespace hubbub
