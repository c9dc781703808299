#pragma once

#include <string>
#include <string_view>

namespace hubbub {

/// What a user typed, as an expression of FTS5: each word and each quoted run of words as a
/// string between quotes, so that nothing in it means anything to FTS5. The last one is a
/// prefix unless its quotes were closed, or it is shorter than three bytes: nearly every
/// message has a word that begins with a given letter. Empty where nothing was typed.
[[nodiscard]] std::string search_expression(std::string_view text);

} // namespace hubbub
