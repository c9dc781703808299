#pragma once

#include <string>

namespace hubbub {

/// 128 bits from the system's generator as 32 hexadecimal digits: an id nobody can guess.
/// Throws where the system has no random numbers to give.
[[nodiscard]] std::string random_id();

} // namespace hubbub
