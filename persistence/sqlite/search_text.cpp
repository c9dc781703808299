#include "persistence/sqlite/search_text.hpp"

#include <cstddef>

namespace hubbub {

namespace {

constexpr std::size_t shortest_prefix = 3;

/// All that ends a word here; FTS5 cuts at the rest (punctuation, other white space) and looks
/// for the parts one after the other. NUL would end the whole expression.
bool is_separator(char letter) {
  return static_cast<unsigned char>(letter) <= ' ' || letter == '\x7f';
}

/// Of ASCII, what FTS5 makes words of; of the rest it may be.
bool is_word(char letter) {
  const auto byte = static_cast<unsigned char>(letter);
  return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
         (byte >= '0' && byte <= '9') || byte >= 0x80;
}

} // namespace

std::string search_expression(std::string_view text) {
  std::string expression;
  std::size_t length = 0; // of the word at the end of the string that is open
  bool open = false;
  bool quoted = false;
  const auto close = [&] {
    if (open) expression += '"';
    open = false;
    length = 0;
  };
  for (const char letter : text) {
    if (letter == '"') {
      close();
      quoted = !quoted;
    } else if (!quoted && is_separator(letter)) {
      close();
    } else {
      if (!open) expression += expression.empty() ? "\"" : " \"";
      open = true;
      length = is_word(letter) ? length + 1 : 0;
      expression += letter == '\0' ? ' ' : letter;
    }
  }
  const bool unfinished = length >= shortest_prefix;
  close();
  if (unfinished) expression += '*';
  return expression;
}

} // namespace hubbub
