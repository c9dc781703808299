#pragma once

#include <tl/expected.hpp>

namespace hubbub {

/// A value, or the reason why there is none. Decoders and stores return it; nothing here
/// throws.
template <class T, class E>
using expected = tl::expected<T, E>;

/// Makes the error of an `expected`: `return unexpected(reason);`.
using tl::unexpected;

} // namespace hubbub
