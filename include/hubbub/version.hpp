#pragma once

#include <string_view>

/// The version of Hubbub, for the preprocessor. This file is the one place that says it:
/// CMakeLists.txt, the packages and the programs read it from here. The ABI of the library
/// stays the same as long as major and minor do.
#define HUBBUB_VERSION_MAJOR 0
#define HUBBUB_VERSION_MINOR 1
#define HUBBUB_VERSION_PATCH 0
#define HUBBUB_VERSION_TEXT "0.1.0"

namespace hubbub {

/// The version of the headers; see `library_version` for that of the library.
inline constexpr std::string_view header_version = HUBBUB_VERSION_TEXT;

} // namespace hubbub
