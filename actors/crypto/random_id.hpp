#pragma once

#include <string>

namespace hubbub {

/// Returns 128 bits from the system's generator as 32 hexadecimal digits: an unguessable id.
/// Throws if the system has no random numbers.
[[nodiscard]] std::string random_id();

} // namespace hubbub
