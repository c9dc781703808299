#pragma once

#include "include/hubbub/version.hpp"

#include <string_view>

namespace hubbub {

/// The program's version; include/hubbub/version.hpp is the one place that says it.
inline constexpr std::string_view hubbub_version = HUBBUB_VERSION_TEXT;

} // namespace hubbub
