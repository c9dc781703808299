#pragma once

#include "persistence/search/tokenizer.hpp"
#include "proto/ids.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hubbub {

/// Words that a message must contain one after the other.
struct query_phrase {
  std::string text; ///< as it was typed, without quotes and NUL
  std::vector<std::string> words;
  /// True if the last word may be only the beginning of a word.
  bool open_ended = false;
  /// True if the last word is one character of a script without spaces. Then only this
  /// character of the indexed pair was asked for.
  bool ends_in_single = false;
};

/// Splits what a user typed into phrases: each word and each quoted run of words is one; all
/// must occur.
///
/// The last word of all is open-ended unless its quotes were closed, something follows it, or
/// it is shorter than three bytes: nearly every message has a word that begins with a given
/// letter. A character of a script without spaces that stands alone is open-ended anywhere,
/// since the index knows it as the beginning of a pair. A phrase without a word is left out.
[[nodiscard]] std::vector<query_phrase> read_query(tokenizer& words, std::string_view text);

/// Returns the phrases as an expression of FTS5: quoted strings, in which nothing is an
/// operator. FTS5 cuts them into words once more, by the tokenizer of the table that it
/// searches. Empty if there are no phrases.
[[nodiscard]] std::string search_expression(const std::vector<query_phrase>& phrases);

/// Returns the word that stands for a room in the column `scope`: `r` and its number.
[[nodiscard]] std::string room_scope(room_id room);
/// Returns the word that stands for a user there: `u` and the id in hexadecimal.
[[nodiscard]] std::string user_scope(std::string_view user_id);

/// Returns an expression of FTS5 that looks for the phrases in the column `content`, and for
/// the room and the user in the column `scope`, which holds a word for each. Joined with AND, a
/// query without words matches nothing; otherwise it would match everything.
[[nodiscard]] std::string scoped_expression(const std::vector<query_phrase>& phrases,
                                            std::optional<room_id> room,
                                            const std::optional<std::string>& user_id);

} // namespace hubbub
