#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace hubbub {

/// Returns `; did you mean NAME?` with the name that was most likely meant by a mistyped one;
/// empty if none is near.
[[nodiscard]] std::string did_you_mean(std::string_view mistyped,
                                       const std::vector<std::string>& names);

} // namespace hubbub
