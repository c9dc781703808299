#pragma once

#include "persistence/search/tokenizer.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace hubbub {

/// Words that a message has to hold one after the other.
struct query_phrase {
  std::string text; ///< as it was typed, without quotes and NUL
  std::vector<std::string> words;
  /// The last one need only be the beginning of a word.
  bool open_ended = false;
  /// The last one is one character of a script without spaces: of the word that begins with it
  /// only this character was asked for.
  bool ends_in_single = false;
};

/// What a user typed: each word and each quoted run of words is a phrase; all must occur.
///
/// The last word of all is open-ended unless its quotes were closed, something follows it, or
/// it is shorter than three bytes: nearly every message has a word that begins with a given
/// letter. A character of a script without spaces that stands alone is open-ended wherever it
/// stands, since the index knows it as the beginning of a pair. What holds no word is left out.
[[nodiscard]] std::vector<query_phrase> read_query(tokenizer& words, std::string_view text);

/// The phrases as an expression of FTS5: strings between quotes, in which nothing means
/// anything to it. FTS5 cuts them into words once more, by the tokenizer of the table that it
/// searches. Empty where there are none.
[[nodiscard]] std::string search_expression(const std::vector<query_phrase>& phrases);

} // namespace hubbub
