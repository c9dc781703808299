#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace hubbub {

/// Returns what stands between the brackets of a JSON array, which a host gives as arguments;
/// nothing if it is no array, or not UTF-8.
[[nodiscard]] std::optional<std::string> joined_args(std::string_view array);

/// True if `name` may be that of an event which a host sends in a namespace of its own.
[[nodiscard]] bool is_event_name(std::string_view name);

} // namespace hubbub
