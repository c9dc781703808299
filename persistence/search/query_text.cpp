#include "persistence/search/query_text.hpp"

#include <cstddef>
#include <utility>

namespace hubbub {

namespace {

constexpr std::size_t shortest_beginning = 3;

/// True for characters that end a phrase outside of quotes. NUL would end the whole expression.
bool is_separator(char letter) {
  return static_cast<unsigned char>(letter) <= ' ' || letter == '\x7f';
}

/// Fills a phrase and remembers its last word.
class phrase_reader final : public token_sink {
 public:
  explicit phrase_reader(query_phrase& phrase) : phrase_(phrase) {}
  bool take(const token& each) override {
    phrase_.words.emplace_back(each.text);
    last_ = each;
    last_.text = {};
    return true;
  }

  /// Ends the phrase. `unfinished` says that the user may still be typing its last word.
  void finish(bool unfinished) {
    phrase_.ends_in_single = last_.kind == token_kind::single;
    const bool is_last = last_.end == phrase_.text.size();
    const bool is_long = last_.end - last_.begin >= shortest_beginning;
    phrase_.open_ended = phrase_.ends_in_single ||
                         (unfinished && is_last && is_long && last_.kind != token_kind::emoji);
  }

 private:
  query_phrase& phrase_;
  token last_;
};

} // namespace

std::vector<query_phrase> read_query(tokenizer& words, std::string_view text) {
  std::vector<query_phrase> phrases;
  std::string open;
  const auto close = [&](bool unfinished) {
    query_phrase phrase{.text = std::exchange(open, {}), .words = {}};
    phrase_reader reader{phrase};
    words.run(phrase.text, tokenizer::mode::query, reader);
    if (phrase.words.empty()) return;
    reader.finish(unfinished);
    phrases.push_back(std::move(phrase));
  };
  bool quoted = false;
  for (const char letter : text) {
    if (letter == '"') {
      close(false);
      quoted = !quoted;
    } else if (!quoted && is_separator(letter)) {
      close(false);
    } else {
      open += letter == '\0' ? ' ' : letter;
    }
  }
  close(true);
  return phrases;
}

std::string search_expression(const std::vector<query_phrase>& phrases) {
  std::string expression;
  for (const auto& each : phrases) {
    expression += expression.empty() ? "\"" : " \"";
    expression += each.text;
    expression += each.open_ended ? "\"*" : "\"";
  }
  return expression;
}

std::string room_scope(room_id room) {
  return "r" + std::to_string(room.value);
}

std::string user_scope(std::string_view user_id) {
  std::string word = "u";
  for (const char letter : user_id) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    const auto byte = static_cast<unsigned char>(letter);
    word += digits[byte / 16U];
    word += digits[byte % 16U];
  }
  return word;
}

std::string scoped_expression(const std::vector<query_phrase>& phrases,
                              std::optional<room_id> room,
                              const std::optional<std::string>& user_id) {
  auto expression = search_expression(phrases);
  if (expression.empty()) return expression;
  expression = "content : (" + expression + ")";
  if (room) expression += " AND scope : \"" + room_scope(*room) + '"';
  if (user_id) expression += " AND scope : \"" + user_scope(*user_id) + '"';
  return expression;
}

} // namespace hubbub
