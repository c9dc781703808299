#pragma once

#include <optional>
#include <string>
#include <string_view>

/// Finds values in JSON text and returns them as they were written, so that they can be passed
/// on without being parsed. It never reads past the text, but trusts it to be JSON.
namespace hubbub::floor {

/// Removes the first value of `text`, with the separator after it, and returns it. Returns
/// nothing at the end of an array or object, and if the value is missing.
std::optional<std::string_view> take_value(std::string_view& text);

/// Returns the text between the brackets of an array or object; empty for any other value.
[[nodiscard]] std::string_view inside(std::string_view value);

/// Returns the value of a member of `object`; empty if there is none.
[[nodiscard]] std::string_view field(std::string_view object, std::string_view name);

/// Decodes a JSON string; empty if `value` is not a string.
[[nodiscard]] std::string text_of(std::string_view value);

} // namespace hubbub::floor
