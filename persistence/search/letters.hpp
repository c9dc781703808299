#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace hubbub {

/// The part that a character plays in a search.
enum class letter_kind : std::uint8_t {
  none,  ///< separates words
  word,  ///< part of a word, which ends at a space, at punctuation or at an emoji
  pair,  ///< of a script that puts no spaces between its words
  mark,  ///< belongs to the letter before it
  emoji, ///< part of an emoji, which is a word of its own
};

struct letter {
  char32_t code = 0;
  letter_kind kind = letter_kind::none;

  friend bool operator==(const letter&, const letter&) = default;
};

/// Appends the letter in UTF-8.
void append_utf8(std::string& text, char32_t code);

/// Finds the letters that a search compares: without case, width, ligatures and accents. A mark
/// that changes the letter stays: the vowel signs of the Indic scripts and of Thai, the dots of
/// kana, the hook that makes an и an й. It knows all of Unicode through ICU, which only the
/// source file includes.
///
/// Belongs to one thread: it remembers what it looked up.
class letter_folder {
 public:
  letter_folder();
  letter_folder(const letter_folder&) = delete;
  letter_folder& operator=(const letter_folder&) = delete;
  ~letter_folder();

  /// Folds the character that begins at `from`, together with what belongs to it: its marks, or
  /// the rest of an emoji. Returns where the next one begins. `letters()` then holds the
  /// result, which is empty for a character that is ignored (an accent, a soft hyphen). Bytes
  /// that are not UTF-8 are a `none`.
  [[nodiscard]] std::size_t fold(std::string_view text, std::size_t from);
  [[nodiscard]] const std::vector<letter>& letters() const { return letters_; }

  /// True if a keycap begins here (`1️⃣`), an emoji whose first character is ASCII.
  [[nodiscard]] static bool is_keycap(std::string_view text, std::size_t from);

 private:
  /// The cached properties of a character of the Basic Multilingual Plane.
  struct entry {
    letter folded;
    bool begins = true;  ///< the result does not depend on the characters before it
    bool simple = false; ///< becomes the one letter `folded`, unless a mark follows
  };
  using page = std::array<entry, 256>;

  [[nodiscard]] const entry& known(char32_t code);
  [[nodiscard]] bool begins(char32_t code);
  [[nodiscard]] entry look_up(char32_t code);
  /// True if folding the character alone leaves something that is part of a word.
  [[nodiscard]] bool is_letter(char32_t code);
  /// Returns the end of the emoji that begins with `code`, which was read up to `next`; 0 if
  /// none begins there.
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

/// Returns the version of the tokenizer's rules and of ICU, on which they rest. An index that
/// was made by another version must be built again.
[[nodiscard]] std::string tokenizer_version();

} // namespace hubbub
