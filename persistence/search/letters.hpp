#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace hubbub {

/// What a character is to a search.
enum class letter_kind : std::uint8_t {
  none,  ///< stands between words
  word,  ///< is part of a word, which ends at a space, at punctuation or at an emoji
  pair,  ///< is of a script that puts no spaces between its words
  mark,  ///< goes with the letter in front of it
  emoji, ///< is part of an emoji, which is a word of its own
};

struct letter {
  char32_t code = 0;
  letter_kind kind = letter_kind::none;

  friend bool operator==(const letter&, const letter&) = default;
};

/// Adds the letter in UTF-8.
void append_utf8(std::string& text, char32_t code);

/// Says which letters a search compares: without case, width, ligatures and accents. A mark
/// that is a letter stays: the vowel signs of the Indic scripts and of Thai, the dots of kana,
/// the hook that makes an и an й. Knows all of Unicode by way of ICU, which only the source
/// file sees.
///
/// Belongs to one thread: it remembers what it looked up.
class letter_folder {
 public:
  letter_folder();
  letter_folder(const letter_folder&) = delete;
  letter_folder& operator=(const letter_folder&) = delete;
  ~letter_folder();

  /// Folds the character that begins at `from`, together with what belongs to it: its marks, or
  /// the rest of an emoji. Returns where the next one begins. `letters()` is what became of it:
  /// nothing where it leaves no trace (an accent, a soft hyphen). Bytes that are not UTF-8 are
  /// a `none`.
  [[nodiscard]] std::size_t fold(std::string_view text, std::size_t from);
  [[nodiscard]] const std::vector<letter>& letters() const { return letters_; }

  /// Whether a key of a telephone begins here (`1️⃣`): an emoji that begins with ASCII.
  [[nodiscard]] static bool is_keycap(std::string_view text, std::size_t from);

 private:
  /// What is known of a character of the Basic Multilingual Plane.
  struct entry {
    letter folded;
    bool begins = true;  ///< nothing before it changes what it becomes
    bool simple = false; ///< it becomes one letter, `folded`, where no mark follows
  };
  using page = std::array<entry, 256>;

  [[nodiscard]] const entry& known(char32_t code);
  [[nodiscard]] bool begins(char32_t code);
  [[nodiscard]] entry look_up(char32_t code);
  /// Whether folding it alone leaves something that is part of a word.
  [[nodiscard]] bool is_letter(char32_t code);
  /// The end of the emoji that begins with `code`, read up to `next`; 0 where none does.
  [[nodiscard]] std::size_t read_emoji(std::string_view text, std::size_t next, char32_t code);
  /// Folds the characters of `unit_`.
  void fold_unit();
  void add_folded(char32_t code);

  struct normalizers;
  std::unique_ptr<normalizers> forms_;
  std::array<std::unique_ptr<page>, 256> pages_;
  std::u16string unit_;
  std::vector<letter> letters_;
};

/// Names the tokenizer's rules and the version of ICU that they rest on: an index that was made
/// by another one has to be made again.
[[nodiscard]] std::string tokenizer_version();

} // namespace hubbub
