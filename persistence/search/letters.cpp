#include "persistence/search/letters.hpp"

#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/uscript.h>
#include <unicode/utf16.h>
#include <unicode/utf8.h>
#include <unicode/uversion.h>

#include <algorithm>
#include <tuple>

namespace hubbub {

namespace {

// Raise it with every change of the rules by which a text is cut into words.
constexpr auto rules_version = "1";

constexpr char32_t keycap_mark = 0x20e3;
constexpr char32_t joiner = 0x200d;
constexpr char32_t text_style = 0xfe0e;
constexpr char32_t emoji_style = 0xfe0f;
constexpr char32_t tatweel = 0x640; // the character that stretches an Arabic word

// A character with more marks than this is split into several: no language needs that many.
constexpr std::size_t longest_unit = 32;
// One character becomes at most eighteen.
constexpr std::size_t longest_folded = 1024;
constexpr std::size_t longest_decomposition = 32;

UChar32 icu(char32_t code) {
  return static_cast<UChar32>(code);
}

/// Reads the character at `at` and moves `at` past it. Returns false if there is none, or it is
/// not UTF-8.
bool next_code(std::string_view text, std::size_t& at, char32_t& code) {
  if (at >= text.size()) return false;
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(text.data());
  UChar32 read = 0;
  U8_NEXT(bytes, at, text.size(), read);
  code = static_cast<char32_t>(read);
  return read >= 0;
}

bool is_of_spaceless_script(char32_t code) {
  UErrorCode error = U_ZERO_ERROR;
  switch (uscript_getScript(icu(code), &error)) {
  case USCRIPT_HAN:
  case USCRIPT_HIRAGANA:
  case USCRIPT_KATAKANA:
  case USCRIPT_BOPOMOFO:
  case USCRIPT_HANGUL: return true;
  case USCRIPT_COMMON:
  case USCRIPT_INHERITED:
    return uscript_hasScript(icu(code), USCRIPT_HAN) ||
           uscript_hasScript(icu(code), USCRIPT_KATAKANA);
  default:
    // Thai, Lao, Khmer, Burmese and related scripts, in which line breaks need a dictionary.
    return u_getIntPropertyValue(icu(code), UCHAR_LINE_BREAK) == U_LB_COMPLEX_CONTEXT;
  }
}

/// True if the mark only changes how the letter before it is pronounced. The combining class
/// tells: vowel signs of the Indic scripts are of class 0, their dots and viramas of 7 and 9,
/// the signs of Thai, Lao and Tibetan of 84 to 132; the points of Hebrew, Arabic and Syriac are
/// of 10 to 36, and marks above, below or through letters of 1 and of 200 to 240.
bool is_accent(char32_t code) {
  if (code == tatweel) return true;
  const auto type = U_GET_GC_MASK(icu(code));
  if ((type & U_GC_ME_MASK) != 0) return true;
  if ((type & U_GC_MN_MASK) == 0) return false;
  const auto combining = u_getCombiningClass(icu(code));
  const bool set_on =
      combining == 1 || (combining >= 10 && combining <= 36) || combining >= 200;
  return set_on && !is_of_spaceless_script(code);
}

/// True for Cyrillic letters that are letters of their own with their mark (й, ї, ў, ќ).
/// Exceptions are ё, which is mostly written as е, and the two with a mere stress.
bool keeps_its_marks(char32_t code) {
  constexpr char32_t e_grave = 0x450;
  constexpr char32_t e_diaeresis = 0x451;
  constexpr char32_t i_grave = 0x45d;
  if (code == e_grave || code == e_diaeresis || code == i_grave) return false;
  UErrorCode error = U_ZERO_ERROR;
  return uscript_getScript(icu(code), &error) == USCRIPT_CYRILLIC;
}

letter_kind kind_of(char32_t code) {
  const auto type = U_GET_GC_MASK(icu(code));
  constexpr auto of_words = U_GC_L_MASK | U_GC_N_MASK | U_GC_CO_MASK;
  constexpr auto of_pairs = U_GC_L_MASK | U_GC_NL_MASK | U_GC_M_MASK;
  if ((type & of_pairs) != 0 && is_of_spaceless_script(code)) return letter_kind::pair;
  if ((type & U_GC_M_MASK) != 0) return letter_kind::mark;
  return (type & of_words) != 0 ? letter_kind::word : letter_kind::none;
}

bool is_flag_half(char32_t code) {
  return code >= 0x1f1e6 && code <= 0x1f1ff;
}

bool is_skin_tone(char32_t code) {
  return code >= 0x1f3fb && code <= 0x1f3ff;
}

bool is_tag(char32_t code) {
  return code >= 0xe0020 && code <= 0xe007f;
}

bool is_pictographic(char32_t code) {
  return u_hasBinaryProperty(icu(code), UCHAR_EXTENDED_PICTOGRAPHIC) != 0;
}

} // namespace

struct letter_folder::normalizers {
  UErrorCode error = U_ZERO_ERROR;
  const UNormalizer2* folding = unorm2_getNFKCCasefoldInstance(&error);
  const UNormalizer2* composing = unorm2_getNFCInstance(&error);
};

letter_folder::letter_folder() : forms_(std::make_unique<normalizers>()) {}
letter_folder::~letter_folder() = default;

void append_utf8(std::string& text, char32_t code) {
  std::array<char, U8_MAX_LENGTH> bytes{};
  std::size_t length = 0;
  U8_APPEND_UNSAFE(bytes.data(), length, icu(code));
  text.append(bytes.data(), length);
}

bool letter_folder::is_keycap(std::string_view text, std::size_t from) {
  constexpr std::string_view keys = "0123456789#*";
  if (from >= text.size() || keys.find(text[from]) == std::string_view::npos) return false;
  const auto rest = text.substr(from + 1);
  return rest.starts_with("\xe2\x83\xa3") || rest.starts_with("\xef\xb8\x8f\xe2\x83\xa3");
}

std::size_t letter_folder::fold(std::string_view text, std::size_t from) {
  letters_.clear();
  auto at = from;
  char32_t code = 0;
  if (!next_code(text, at, code)) {
    letters_.push_back({});
    return std::max(at, from + 1);
  }
  auto behind = at;
  char32_t next = 0;
  const bool alone = behind >= text.size() || static_cast<unsigned char>(text[behind]) < 0x80 ||
                     !next_code(text, behind, next) || begins(next);
  if (code <= 0xffff && alone && !is_keycap(text, from)) {
    if (const auto& found = known(code); found.simple) {
      letters_.push_back(found.folded);
      return at;
    }
  }
  if (const auto end = read_emoji(text, at, code); end > 0) return end;

  unit_.clear();
  std::size_t length = 0;
  while (true) {
    std::array<char16_t, U16_MAX_LENGTH> units{};
    std::size_t count = 0;
    U16_APPEND_UNSAFE(units.data(), count, icu(code));
    unit_.append(units.data(), count);
    behind = at;
    if (++length == longest_unit || !next_code(text, behind, code) || begins(code)) break;
    at = behind;
  }
  fold_unit();
  return at;
}

const letter_folder::entry& letter_folder::known(char32_t code) {
  auto& found = pages_.at(code >> 8U);
  if (!found) {
    auto fresh = std::make_unique<page>();
    const auto kept = std::move(letters_); // `fold` may be about to fill it
    const auto unit = std::move(unit_);
    for (char32_t low = 0; low < fresh->size(); ++low)
      fresh->at(low) = look_up((code & ~char32_t{0xff}) | low);
    letters_ = kept;
    unit_ = unit;
    found = std::move(fresh);
  }
  return (*found)[code & 0xffU];
}

bool letter_folder::begins(char32_t code) {
  return code <= 0xffff ? known(code).begins
                        : unorm2_hasBoundaryBefore(forms_->folding, icu(code)) != 0;
}

letter_folder::entry letter_folder::look_up(char32_t code) {
  entry result;
  result.begins = unorm2_hasBoundaryBefore(forms_->folding, icu(code)) != 0;
  if (U_IS_SURROGATE(code) || is_pictographic(code)) return result;
  letters_.clear();
  unit_.assign(1, static_cast<char16_t>(code));
  fold_unit();
  result.simple = letters_.size() == 1;
  if (result.simple) result.folded = letters_.front();
  return result;
}

bool letter_folder::is_letter(char32_t code) {
  std::array<char16_t, longest_folded> folded{};
  std::array<char16_t, U16_MAX_LENGTH> units{};
  std::int32_t count = 0;
  U16_APPEND_UNSAFE(units.data(), count, icu(code));
  UErrorCode error = U_ZERO_ERROR;
  const auto length = unorm2_normalize(forms_->folding, units.data(), count, folded.data(),
                                       static_cast<std::int32_t>(folded.size()), &error);
  if (U_FAILURE(error) || length == 0) return false;
  std::int32_t at = 0;
  UChar32 first = 0;
  U16_NEXT(folded.data(), at, length, first);
  return kind_of(static_cast<char32_t>(first)) != letter_kind::none;
}

std::size_t letter_folder::read_emoji(std::string_view text, std::size_t next, char32_t code) {
  const auto add = [this](char32_t each) { letters_.push_back({each, letter_kind::emoji}); };
  auto end = next;
  auto at = next;
  char32_t read = 0;
  const auto peek = [&] {
    at = end;
    return next_code(text, at, read);
  };
  if (is_keycap(text, next - 1)) { // its first character has one byte
    add(code);
    add(keycap_mark);
    if (peek() && read == emoji_style) end = at;
    std::ignore = peek();
    return at;
  }
  if (is_flag_half(code)) {
    add(code);
    if (!peek() || !is_flag_half(read)) return end;
    add(read);
    return at;
  }
  if (!is_pictographic(code) && !is_skin_tone(code)) return 0;
  // Some of them are also written as letters: ℹ, ™, ㊗.
  const bool pictured = u_hasBinaryProperty(icu(code), UCHAR_EMOJI_PRESENTATION) != 0 ||
                        (peek() && read == emoji_style);
  if (!pictured && is_letter(code)) return 0;
  add(code);
  while (peek()) {
    if (is_tag(read)) {
      add(read);
    } else if (read == joiner) {
      char32_t joined = 0;
      if (!next_code(text, at, joined) || !is_pictographic(joined)) return end;
      add(joiner);
      add(joined);
    } else if (!is_skin_tone(read) && read != emoji_style && read != text_style) {
      return end;
    }
    end = at;
  }
  return end;
}

void letter_folder::fold_unit() {
  std::array<char16_t, longest_folded> folded{};
  UErrorCode error = U_ZERO_ERROR;
  const auto length =
      unorm2_normalize(forms_->folding, unit_.data(), static_cast<std::int32_t>(unit_.size()),
                       folded.data(), static_cast<std::int32_t>(folded.size()), &error);
  if (U_FAILURE(error)) return letters_.push_back({});
  for (std::int32_t at = 0; at < length;) {
    UChar32 code = 0;
    U16_NEXT(folded.data(), at, length, code);
    add_folded(static_cast<char32_t>(code));
  }
}

void letter_folder::add_folded(char32_t code) {
  if (is_accent(code)) return;
  const auto add = [this](char32_t each) { letters_.push_back({each, kind_of(each)}); };
  std::array<char16_t, longest_decomposition> parts{};
  UErrorCode error = U_ZERO_ERROR;
  const auto length = unorm2_getDecomposition(forms_->composing, icu(code), parts.data(),
                                              static_cast<std::int32_t>(parts.size()), &error);
  if (length < 0 || U_FAILURE(error) || keeps_its_marks(code)) return add(code);

  std::u16string kept;
  for (std::int32_t at = 0; at < length;) {
    const auto begin = at;
    UChar32 part = 0;
    U16_NEXT(parts.data(), at, length, part);
    if (!is_accent(static_cast<char32_t>(part)))
      kept.append(parts.data() + begin, static_cast<std::size_t>(at - begin));
  }
  if (std::ssize(kept) == length) return add(code);
  const auto composed =
      unorm2_normalize(forms_->composing, kept.data(), static_cast<std::int32_t>(kept.size()),
                       parts.data(), static_cast<std::int32_t>(parts.size()), &error);
  if (U_FAILURE(error)) return;
  for (std::int32_t at = 0; at < composed;) {
    UChar32 part = 0;
    U16_NEXT(parts.data(), at, composed, part);
    add(static_cast<char32_t>(part));
  }
}

std::string tokenizer_version() {
  UVersionInfo numbers{};
  u_getVersion(numbers);
  return std::string{"rules "} + rules_version + ", ICU " + std::to_string(numbers[0]) + "." +
         std::to_string(numbers[1]);
}

} // namespace hubbub
