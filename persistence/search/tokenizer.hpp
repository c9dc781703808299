#pragma once

#include "persistence/search/letters.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace hubbub {

enum class token_kind : std::uint8_t {
  word,
  pair,   ///< two characters of a run that has no spaces
  single, ///< the last character of such a run
  emoji,
};

/// A word of a text, as the search index knows it.
struct token {
  std::string_view text; ///< folded, in UTF-8; valid until the sink returns
  token_kind kind = token_kind::word;
  std::size_t begin = 0; ///< in the text it was found in, in bytes
  std::size_t end = 0;
  std::size_t first_end = 0; ///< of a pair: where its first character ends; else `end`
};

/// Takes the words of a text, one after the other.
class token_sink {
 public:
  virtual ~token_sink() = default;
  /// False: no more.
  virtual bool take(const token& each) = 0;
};

/// Cuts a text into the words that a search knows.
///
/// Words end where UAX 29 has a boundary and at all punctuation, so that `example` is found in
/// `example.com`. Emoji are words of their own. A run of a script without spaces becomes
/// overlapping pairs and its last character: 病院は becomes 病院, 院は, は, so that each of its
/// characters begins a word of the index, and each of its parts is a phrase.
///
/// A query leaves the last character of a run out where nothing follows it, for the message may
/// go on there; a run of one character stays.
///
/// Belongs to one thread.
class tokenizer {
 public:
  enum class mode : std::uint8_t { document, query };

  /// `text` may be any bytes. Offsets rise. False: the sink wanted no more.
  bool run(std::string_view text, mode purpose, token_sink& sink);

 private:
  /// A character of a run, with its marks.
  struct cell {
    std::string text;
    std::size_t begin = 0;
    std::size_t end = 0;
  };

  [[nodiscard]] std::size_t read_ascii(std::string_view text, std::size_t at);
  [[nodiscard]] std::size_t read_other(std::string_view text, std::size_t at);
  void add_to_word(char32_t code, std::size_t begin, std::size_t end);
  void add_to_run(char32_t code, std::size_t begin, std::size_t end);
  void add_mark(char32_t code, std::size_t end);
  void stretch(std::size_t end);
  void end_word();
  void end_run();
  void emit_pair();
  void emit_held();
  void emit(const token& each);

  letter_folder folder_;
  mode purpose_ = mode::document;
  token_sink* sink_ = nullptr;
  bool wanted_ = true;
  std::string word_;
  std::size_t word_begin_ = 0;
  std::size_t word_end_ = 0;
  std::size_t run_length_ = 0; ///< of the run that is open
  cell before_;                ///< its last character but one
  cell last_;
  bool held_ = false; ///< `last_` ended a run; whether it is a word depends on what follows
  std::string pair_;
};

} // namespace hubbub
