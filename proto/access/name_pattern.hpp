#pragma once

#include <string_view>

namespace hubbub {

/// True if `name` is what `pattern` describes: `*` stands for any run of characters, everything
/// else for itself.
[[nodiscard]] bool matches_pattern(std::string_view pattern, std::string_view name);

} // namespace hubbub
