#pragma once

#include <string_view>

namespace hubbub {

/// The program's version: the project's in CMakeLists.txt, which a test compares.
inline constexpr std::string_view hubbub_version = "0.1.0";

} // namespace hubbub
