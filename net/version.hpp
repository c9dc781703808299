#pragma once

#include <string_view>

namespace hubbub {

/// The program's version, the same as the project's in CMakeLists.txt; a test compares them.
inline constexpr std::string_view hubbub_version = "0.1.0";

} // namespace hubbub
