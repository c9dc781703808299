#pragma once

#include <cstddef>

namespace hubbub {

/// Raises the process's limit of descriptors as far as it may, since every connection takes one
/// and the usual soft limit is 1,024. Returns the limit. Thread-safe.
std::size_t raise_descriptor_limit();

} // namespace hubbub
