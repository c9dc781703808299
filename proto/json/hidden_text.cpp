#include "proto/json/hidden_text.hpp"

#include "proto/json/hidden_text_tables.hpp"
#include "proto/json/text.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace hubbub {
namespace {

/// A character, as its code point in Unicode.
using scalar = std::uint32_t;

constexpr scalar zero_width_non_joiner = 0x200c;
constexpr scalar zero_width_joiner = 0x200d;
constexpr scalar colour_selector = 0xfe0f;
constexpr scalar keycap = 0x20e3;
constexpr scalar black_flag = 0x1f3f4;
constexpr scalar end_of_tags = 0xe007f;

/// Characters that are never seen: Default_Ignorable_Code_Point (Unicode 14), line and
/// paragraph separators, and the marks of annotations.
constexpr std::array<character_range, 17> hidden{{{0xad, 0xad},
                                                  {0x34f, 0x34f},
                                                  {0x61c, 0x61c},
                                                  {0x115f, 0x1160},
                                                  {0x17b4, 0x17b5},
                                                  {0x180b, 0x180f},
                                                  {0x200b, 0x200f},
                                                  {0x2028, 0x202e},
                                                  {0x2060, 0x206f},
                                                  {0x3164, 0x3164},
                                                  {0xfe00, 0xfe0f},
                                                  {0xfeff, 0xfeff},
                                                  {0xffa0, 0xffa0},
                                                  {0xfff0, 0xfffb},
                                                  {0x1bca0, 0x1bca3},
                                                  {0x1d173, 0x1d17a},
                                                  {0xe0000, 0xe0fff}}};
constexpr std::array<character_range, 6> han{{{0x3400, 0x4dbf},
                                              {0x4e00, 0x9fff},
                                              {0xf900, 0xfaff},
                                              {0x20000, 0x2fa1f},
                                              {0x30000, 0x323af},
                                              {0x3007, 0x3007}}};
constexpr std::array<character_range, 2> mongolian{{{0x1807, 0x1807}, {0x1820, 0x18aa}}};
constexpr std::array<character_range, 4> dotted{
    {{0x1000, 0x109f}, {0xa9e0, 0xa9ff}, {0xaa60, 0xaa7f}, {0xa840, 0xa87f}}};
constexpr std::array<character_range, 1> skin_tones{{{0x1f3fb, 0x1f3ff}}};

/// The regions whose flags are spelled as a black flag and tags: England, Scotland, Wales.
constexpr std::array<std::string_view, 3> tagged_flags{"gbeng", "gbsct", "gbwls"};

bool is_in(std::span<const character_range> ranges, scalar point) {
  return std::ranges::any_of(
      ranges, [point](const auto& each) { return each.first <= point && point <= each.last; });
}

std::vector<scalar> scalars(std::string_view utf8) {
  std::vector<scalar> points;
  points.reserve(utf8.size());
  while (!utf8.empty()) {
    const auto next = read_character(utf8);
    points.push_back(next.point);
    utf8.remove_prefix(std::max<std::size_t>(next.length, 1));
  }
  return points;
}

void append_utf8(std::string& out, scalar point) {
  const auto continuation = [&](unsigned shift) {
    out += static_cast<char>(0x80U | ((point >> shift) & 0x3fU));
  };
  if (point < 0x80U) {
    out += static_cast<char>(point);
  } else if (point < 0x800U) {
    out += static_cast<char>(0xc0U | point >> 6U);
    continuation(0);
  } else if (point < 0x10000U) {
    out += static_cast<char>(0xe0U | point >> 12U);
    continuation(6);
    continuation(0);
  } else {
    out += static_cast<char>(0xf0U | point >> 18U);
    continuation(12);
    continuation(6);
    continuation(0);
  }
}

/// Finds the characters of a text that are hidden where nothing needs them.
class hidden_finder {
 public:
  explicit hidden_finder(std::span<const scalar> text) : text_(text) {}

  [[nodiscard]] bool is_misplaced(std::size_t at) const {
    return is_in(hidden, text_[at]) && !is_needed(at);
  }

 private:
  /// Returns the character `distance` places from `at`; 0 beyond the ends.
  [[nodiscard]] scalar near(std::size_t at, int distance) const {
    const auto index = static_cast<std::ptrdiff_t>(at) + distance;
    return index < 0 || index >= std::ssize(text_) ? 0 : text_[static_cast<std::size_t>(index)];
  }

  [[nodiscard]] bool is_needed(std::size_t at) const {
    const auto point = text_[at];
    const auto before = near(at, -1);
    if (point == zero_width_non_joiner) return needs_non_joiner(at);
    if (point == zero_width_joiner) return needs_joiner(at);
    if (point == colour_selector)
      return is_in(text_emoji, before) || (is_key(before) && near(at, 1) == keycap);
    if (point == 0x180e) return is_in(mongolian, before) && is_in(mongolian, near(at, 1));
    if (point >= 0x180b && point <= 0x180f) return is_in(mongolian, before);
    if (point == 0xfe00 && is_in(dotted, before)) return true;
    if ((point >= 0xfe00 && point <= 0xfe02) || (point >= 0xe0100 && point <= 0xe01ef))
      return is_in(han, before);
    if (point >= 0xe0020 && point <= end_of_tags) return is_in_flag(at);
    return false;
  }

  static bool is_key(scalar point) {
    return (point >= '0' && point <= '9') || point == '#' || point == '*';
  }

  /// True if a non-joiner is needed here (RFC 5892, A.1): between letters that would join
  /// without it, and after a virama.
  [[nodiscard]] bool needs_non_joiner(std::size_t at) const {
    if (is_in(viramas, near(at, -1))) return near(at, 1) >= 0x80 && is_seen(near(at, 1));
    int back = -1;
    while (is_in(joining_through, near(at, back)))
      --back;
    int onward = 1;
    while (is_in(joining_through, near(at, onward)))
      ++onward;
    return is_in(joining_onward, near(at, back)) && is_in(joining_back, near(at, onward));
  }

  /// True if a joiner is needed here (RFC 5892, A.2): after a virama. Bengali and Sinhala also
  /// use it between a consonant and one of their viramas, and emoji between each other.
  [[nodiscard]] bool needs_joiner(std::size_t at) const {
    const auto before = near(at, -1);
    const auto next = near(at, 1);
    if (is_in(viramas, before)) return true;
    if (is_in(viramas, next)) return is_seen(before) && before >> 7U == next >> 7U;
    if (!is_in(pictographs, next)) return false;
    if (before == colour_selector) return is_in(text_emoji, near(at, -2));
    if (is_in(skin_tones, before)) return is_in(pictographs, near(at, -2));
    return is_in(pictographs, before);
  }

  static bool is_seen(scalar point) { return point != 0 && !is_in(hidden, point); }

  [[nodiscard]] bool is_in_flag(std::size_t at) const {
    auto start = at;
    while (start > 0 && near(start, 0) >= 0xe0020 && near(start, 0) <= end_of_tags)
      --start;
    if (near(start, 0) != black_flag) return false;
    return std::ranges::any_of(tagged_flags, [&](std::string_view region) {
      const auto end = start + region.size() + 1;
      if (at > end || near(end, 0) != end_of_tags) return false;
      for (std::size_t i = 0; i < region.size(); ++i)
        if (near(start + 1 + i, 0) != 0xe0000U + static_cast<scalar>(region[i])) return false;
      return true;
    });
  }

  std::span<const scalar> text_;
};

/// True for Braille's blank, which is visible among other Braille, but not alone.
bool is_blank(scalar point) {
  std::string utf8;
  append_utf8(utf8, point);
  return point == 0x2800 || trim(utf8).empty();
}

bool has_hidden(std::span<const scalar> text) {
  const hidden_finder find{text};
  for (std::size_t i = 0; i < text.size(); ++i)
    if (find.is_misplaced(i)) return true;
  return std::ranges::all_of(text, is_blank);
}

/// Removes hidden characters. Removing one may make another superfluous, so it repeats until
/// nothing is left to remove.
void take_out_hidden(std::vector<scalar>& text) {
  for (auto before = text.size() + 1; text.size() < before;) {
    before = text.size();
    std::vector<scalar> kept;
    const hidden_finder find{text};
    for (std::size_t i = 0; i < text.size(); ++i)
      if (!find.is_misplaced(i)) kept.push_back(text[i]);
    text = std::move(kept);
  }
}

} // namespace

bool has_hidden(std::string_view utf8) {
  const bool is_ascii = std::ranges::none_of(
      utf8, [](char c) { return (static_cast<std::uint8_t>(c) & 0x80U) != 0; });
  return !is_ascii && has_hidden(std::span<const scalar>{scalars(utf8)});
}

expected<std::string, error> clean_new_name(std::string_view raw, std::size_t max,
                                            std::string_view field) {
  auto name = clean_name(raw, max, field);
  if (name && has_hidden(*name))
    return unexpected(error{error_code::bad_request,
                            std::string{field}.append(" must not hold invisible characters")});
  return name;
}

std::optional<std::string> shown_name(std::string_view raw, std::size_t max) {
  auto name = clean_name(raw, max, "name");
  if (!name) return std::nullopt;
  if (!has_hidden(*name)) return *std::move(name);
  auto points = scalars(*name);
  take_out_hidden(points);
  std::string shown;
  for (const auto point : points)
    append_utf8(shown, point);
  // The rest may begin or end with white space, or contain nothing visible.
  auto cleaned = clean_new_name(shown, max, "name");
  if (!cleaned) return std::nullopt;
  return *std::move(cleaned);
}

} // namespace hubbub
