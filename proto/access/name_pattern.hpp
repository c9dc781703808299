#pragma once

#include <string_view>

namespace hubbub {

/// True if `name` matches `pattern`: `*` stands for any run of characters, every other
/// character for itself.
[[nodiscard]] bool matches_pattern(std::string_view pattern, std::string_view name);

} // namespace hubbub
