#pragma once

#include "persistence/store.hpp"
#include "proto/error.hpp"

namespace hubbub {

/// Gives the sentence and the code that a client hears for a failed store operation.
[[nodiscard]] error to_error(store_error why);
/// Gives the error of a search that nobody has time for.
[[nodiscard]] const error& search_overload();

} // namespace hubbub
