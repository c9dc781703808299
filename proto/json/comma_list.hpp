#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace hubbub {

/// Splits a list at its commas and trims each item. An item may be empty, as its place may
/// matter, except after the last comma; empty text is an empty list.
[[nodiscard]] std::vector<std::string> split_at_commas(std::string_view list);

} // namespace hubbub
