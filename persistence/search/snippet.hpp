#pragma once

#include "persistence/search/query_text.hpp"
#include "persistence/search/tokenizer.hpp"
#include "proto/model.hpp"

#include <string_view>
#include <vector>

namespace hubbub {

/// Cuts the part out of a message's text that contains most of the query, some two dozen words,
/// and marks which of its bytes matched. `…` stands for what was left out on either side. If
/// nothing matches it is the beginning.
[[nodiscard]] std::vector<snippet_part> cut_snippet(tokenizer& words, std::string_view content,
                                                    const std::vector<query_phrase>& phrases);

/// True if the text contains all of the phrases.
[[nodiscard]] bool contains_all(tokenizer& words, std::string_view content,
                                const std::vector<query_phrase>& phrases);

} // namespace hubbub
