#pragma once

#include "persistence/search/letters.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace hubbub {

enum class token_kind : std::uint8_t {
  word,
  pair,   ///< two characters of a run without spaces
  single, ///< the last character of such a run
  emoji,
};

/// A word of a text, in the form in which the search index holds it.
struct token {
  std::string_view text; ///< folded, in UTF-8; valid until the sink returns
  token_kind kind = token_kind::word;
  std::size_t begin = 0; ///< position in the text, in bytes
  std::size_t end = 0;
  std::size_t first_end = 0; ///< where the first character of a pair ends; else `end`
};

/// Receives the words of a text, one after the other.
class token_sink {
 public:
  virtual ~token_sink() = default;
  /// Takes one word; returns false if no more are wanted.
  virtual bool take(const token& each) = 0;
};

/// Cuts a text into the words of a search.
///
/// Words end where UAX 29 has a boundary and at all punctuation, so that `example` is found in
/// `example.com`. Emoji are words of their own. A run of a script without spaces becomes
/// overlapping pairs and its last character: 病院は becomes 病院, 院は, は. So each of its
/// characters begins a word of the index, and each of its parts is a phrase.
///
/// In a query the last character of a run is left out if nothing follows it, since the message
/// may continue there; a run of one character stays.
///
/// Belongs to one thread.
class tokenizer {
 public:
  enum class mode : std::uint8_t { document, query };

  /// Passes the words of `text`, which may be any bytes, to `sink`. Offsets rise. Of the
  /// content of an event only the text for people has words. Returns false if the sink wanted
  /// no more.
  bool run(std::string_view text, mode purpose, token_sink& sink);

 private:
  /// One character of a run, with its marks.
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
  std::size_t run_length_ = 0; ///< length of the run that is open
  cell before_;                ///< the last character but one of the run
  cell last_;
  bool held_ = false; ///< `last_` ended a run; whether it is a word depends on what follows
  std::string pair_;
};

} // namespace hubbub
