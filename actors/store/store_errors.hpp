#pragma once

#include "persistence/store.hpp"
#include "proto/error.hpp"

namespace hubbub {

/// Returns the error that a client gets for a failed store operation.
[[nodiscard]] error to_error(store_error why);
/// Returns the error for a search that cannot be done in time.
[[nodiscard]] const error& search_overload();

} // namespace hubbub
