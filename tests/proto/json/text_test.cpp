#include "proto/json/text.hpp"
#include "tests/support/catch.hpp"

#include <limits>
#include <string>

using namespace hubbub;
using namespace std::string_literals;
using namespace std::string_view_literals;

namespace {

std::string repeat(std::string_view text, std::size_t times) {
  std::string out;
  for (std::size_t i = 0; i < times; ++i)
    out += text;
  return out;
}

error_code refusal_of_name(std::string_view raw, std::size_t max = 64) {
  const auto cleaned = clean_name(raw, max, "room");
  REQUIRE_FALSE(cleaned);
  CHECK(cleaned.error().message.starts_with("room "));
  return cleaned.error().code;
}

error_code refusal_of_content(std::string_view raw, std::size_t max = 4000) {
  const auto cleaned = clean_content(raw, max);
  REQUIRE_FALSE(cleaned);
  CHECK(cleaned.error().message.starts_with("content "));
  return cleaned.error().code;
}

} // namespace

TEST_CASE("well-formed UTF-8 is valid up to both ends of every range") {
  const auto text = GENERATE(""sv, "plain"sv, "\0"sv, "\x7f"sv, "\xc2\x80"sv, "\xdf\xbf"sv,
                             "\xe0\xa0\x80"sv, "\xec\xbf\xbf"sv, "\xed\x9f\xbf"sv,
                             "\xee\x80\x80"sv, "\xef\xbf\xbf"sv, "\xf0\x90\x80\x80"sv,
                             "\xf3\xbf\xbf\xbf"sv, "\xf4\x8f\xbf\xbf"sv, "naïve 日本 😀 text"sv);
  CHECK(valid_utf8(text));
  CHECK(valid_utf8("long enough for a word, "s.append(text).append(" and behind")));
}

TEST_CASE("malformed UTF-8 is refused wherever it stands") {
  const auto text =
      GENERATE("\x80"sv, "\xbf"sv,                         // continuation without a lead
               "\xc0\x80"sv, "\xc1\xbf"sv,                 // overlong, two bytes
               "\xe0\x80\x80"sv, "\xe0\x9f\xbf"sv,         // overlong, three
               "\xf0\x80\x80\x80"sv, "\xf0\x8f\xbf\xbf"sv, // overlong, four
               "\xed\xa0\x80"sv, "\xed\xbf\xbf"sv,         // surrogates
               "\xed\xa0\xbd\xed\xb8\x80"sv,               // a pair of them (CESU-8)
               "\xf4\x90\x80\x80"sv, "\xf5\x80\x80\x80"sv, // beyond U+10FFFF
               "\xfe"sv, "\xff"sv,                         // never in UTF-8
               "\xc2"sv, "\xe2\x82"sv, "\xf0\x9f\x98"sv,   // cut off
               "\xc2\x41"sv, "\xe2\x82\x41"sv, "\xf0\x9f\x98\x41"sv, "\xe2\x41\x82"sv);
  const auto padding = GENERATE(range(0, 17));
  const auto around = std::string(static_cast<std::size_t>(padding), 'x');
  CHECK_FALSE(valid_utf8(around + std::string{text}));
  CHECK_FALSE(valid_utf8(around + std::string{text} + around));
}

TEST_CASE("the first character of a text is read, or found to be none") {
  const auto read = [](std::string_view bytes) {
    const auto [point, length] = read_character(bytes);
    return std::pair{point, length};
  };
  CHECK(read("ab") == std::pair{0x61U, std::size_t{1}});
  CHECK(read("\u00e9b") == std::pair{0xe9U, std::size_t{2}});
  CHECK(read("\u20acb") == std::pair{0x20acU, std::size_t{3}});
  CHECK(read("\U0001f600b") == std::pair{0x1f600U, std::size_t{4}});
  CHECK(read("\U0010ffff") == std::pair{0x10ffffU, std::size_t{4}});
  for (const std::string_view broken : {"\x80", "\xc3", "\xe2\x82", "\xed\xa0\x80", "\xff"})
    CHECK(read(broken).second == 0);
}

TEST_CASE("one byte order mark in front is passed over") {
  CHECK(without_bom("\xef\xbb\xbf{}") == "{}");
  CHECK(without_bom("\xef\xbb\xbf\xef\xbb\xbfx") == "\xef\xbb\xbfx");
  CHECK(without_bom("x\xef\xbb\xbf") == "x\xef\xbb\xbf");
  CHECK(without_bom("\xef\xbb") == "\xef\xbb");
}

TEST_CASE("characters are code points") {
  CHECK(count_characters("") == 0);
  CHECK(count_characters("abc") == 3);
  CHECK(count_characters("é日😀") == 3);
  CHECK(count_characters("e\xcc\x81") == 2);   // e and a combining acute: nothing is normalised
  CHECK(count_characters("👩‍💻") == 3); // two emoji and a joiner
}

TEST_CASE("Unicode white space is trimmed from both ends and kept inside") {
  const auto space =
      GENERATE("\t"sv, "\n"sv, "\v"sv, "\f"sv, "\r"sv, " "sv, "\xc2\x85"sv, "\xc2\xa0"sv,
               "\xe1\x9a\x80"sv, "\xe2\x80\x80"sv, "\xe2\x80\x8a"sv, "\xe2\x80\xa8"sv,
               "\xe2\x80\xa9"sv, "\xe2\x80\xaf"sv, "\xe2\x81\x9f"sv, "\xe3\x80\x80"sv);
  const auto inner = "a"s.append(space).append("b");
  CHECK(trim(repeat(space, 3) + inner + repeat(space, 2)) == inner);
  CHECK(trim(repeat(space, 5)).empty());
}

TEST_CASE("what only looks like white space is not trimmed") {
  // zero-width space, word joiner, byte order mark, Mongolian vowel separator, NUL, unit
  // separator
  const auto text = GENERATE("\xe2\x80\x8b"sv, "\xe2\x81\xa0"sv, "\xef\xbb\xbf"sv,
                             "\xe1\xa0\x8e"sv, "\0"sv, "\x1f"sv, "😀"sv);
  CHECK(trim(text) == text);
}

TEST_CASE("a name is trimmed and otherwise kept as it came") {
  CHECK(clean_name("  General Talk\n", 64, "room") == "General Talk");
  CHECK(clean_name("\xc2\x85\xe3\x80\x80 x\t", 64, "room") == "x");
  CHECK(clean_name("e\xcc\x81", 64, "room") == "e\xcc\x81");
}

TEST_CASE("a name's length is counted in code points after trimming") {
  const auto character = GENERATE("a"sv, "é"sv, "日"sv, "😀"sv);
  CHECK(clean_name(" " + repeat(character, 64) + " ", 64, "room") == repeat(character, 64));
  CHECK(refusal_of_name(repeat(character, 65)) == error_code::bad_request);
}

TEST_CASE("unusable names are bad requests") {
  CHECK(refusal_of_name("") == error_code::bad_request);
  CHECK(refusal_of_name(" \t\xe3\x80\x80") == error_code::bad_request);
  CHECK(refusal_of_name("\xff") == error_code::bad_request);
  CHECK(refusal_of_name("lone \xed\xa0\xbd") == error_code::bad_request);
  CHECK(refusal_of_name(std::string(10'000'000, 'n')) == error_code::bad_request);
  CHECK(refusal_of_name(std::string(10'000'000, ' ')) == error_code::bad_request);
}

TEST_CASE("every control character inside a name is refused") {
  const auto point = GENERATE(range(0, 0xa1));
  const auto control = point < 0x20 || (point >= 0x7f && point < 0xa0);
  const auto character = point < 0x80
                             ? std::string(1, static_cast<char>(point))
                             : "\xc2"s + static_cast<char>(static_cast<unsigned char>(point));
  CHECK(clean_name("a" + character + "b", 64, "room").has_value() == !control);
  CHECK(has_control(character) == control);
}

TEST_CASE("control characters at a name's ends are refused unless they are white space") {
  CHECK(refusal_of_name("\0name"sv) == error_code::bad_request);
  CHECK(refusal_of_name("name\x1b"sv) == error_code::bad_request);
  CHECK(refusal_of_name("name\xc2\x9f"sv) == error_code::bad_request);
  CHECK(clean_name("\r\nname\v\f", 64, "room") == "name");
}

TEST_CASE("content is trimmed and may hold anything but NUL") {
  CHECK(clean_content(" two\nlines\t\x1b[0m ", 4000) == "two\nlines\t\x1b[0m");
  CHECK(refusal_of_content("a\0b"sv) == error_code::bad_request);
  CHECK(refusal_of_content("\0"sv) == error_code::bad_request);
  CHECK(refusal_of_content("") == error_code::bad_request);
  CHECK(refusal_of_content("\n \xc2\xa0") == error_code::bad_request);
  CHECK(refusal_of_content("\xf0\x9f\x98") == error_code::bad_request);
}

TEST_CASE("only content that is too long is too large") {
  const auto character = GENERATE("a"sv, "😀"sv);
  CHECK(clean_content("\n" + repeat(character, 4000) + "\n", 4000) == repeat(character, 4000));
  CHECK(refusal_of_content(repeat(character, 4001)) == error_code::too_large);
  CHECK(refusal_of_content(std::string(10'000'000, 'c')) == error_code::too_large);
}

TEST_CASE("times are written as RFC 3339 in UTC with milliseconds") {
  CHECK(to_rfc3339(timestamp{0}) == "1970-01-01T00:00:00.000Z");
  CHECK(to_rfc3339(timestamp{1}) == "1970-01-01T00:00:00.001Z");
  CHECK(to_rfc3339(timestamp{-1}) == "1969-12-31T23:59:59.999Z");
  CHECK(to_rfc3339(timestamp{951'782'399'999}) == "2000-02-28T23:59:59.999Z");
  CHECK(to_rfc3339(timestamp{951'782'400'000}) == "2000-02-29T00:00:00.000Z");
  CHECK(to_rfc3339(timestamp{1'769'903'999'123}) == "2026-01-31T23:59:59.123Z");
}

TEST_CASE("times beyond what RFC 3339 can write end at its first and last moments") {
  using limit = std::numeric_limits<std::int64_t>;
  CHECK(to_rfc3339(timestamp{253'402'300'799'999}) == "9999-12-31T23:59:59.999Z");
  CHECK(to_rfc3339(timestamp{253'402'300'800'000}) == "9999-12-31T23:59:59.999Z");
  CHECK(to_rfc3339(timestamp{limit::max()}) == "9999-12-31T23:59:59.999Z");
  CHECK(to_rfc3339(timestamp{limit::min()}) == "0000-01-01T00:00:00.000Z");
}

TEST_CASE("a time is read as RFC 3339 writes it, whatever its offset") {
  const auto read = [](std::string_view text) {
    return parse_rfc3339(text).value_or(timestamp{-1}).value;
  };
  CHECK(read("1970-01-01T00:00:00Z") == 0);
  CHECK(read("2026-01-31T23:59:59.123Z") == 1'769'903'999'123);
  CHECK(read("2026-02-01t01:29:59.123+01:30") == 1'769'903'999'123);
  CHECK(read("2026-01-31T15:59:59.123-08:00") == 1'769'903'999'123);
  CHECK(read("2026-01-31T23:59:59.1z") == 1'769'903'999'100);
  CHECK(read("2026-01-31T23:59:59.1239999999Z") == 1'769'903'999'123);
  CHECK(read("2016-12-31T23:59:60Z") == 1'483'228'800'000);
  CHECK(read("2024-02-29T00:00:00Z") == 1'709'164'800'000);
  CHECK(parse_rfc3339("0000-01-01T00:00:00Z") == timestamp{-62'167'219'200'000});
  CHECK(parse_rfc3339("9999-12-31T23:59:59.999Z") == timestamp{253'402'300'799'999});
}

TEST_CASE("what is no time is refused") {
  for (const auto* text :
       {"", "2026", "2026-01-31", "2026-01-31T23:59:59", "2026-01-31 23:59:59Z",
        "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z", "2026-02-29T00:00:00Z",
        "2026-01-31T24:00:00Z", "2026-01-31T00:60:00Z", "2026-01-31T00:00:61Z",
        "2026-01-31T00:00:00.Z", "2026-01-31T00:00:00+24:00", "2026-01-31T00:00:00+0100",
        "2026-01-31T00:00:00Zx", "-026-01-31T00:00:00Z", "2026-01-31T00:00:00 01:00",
        "2026-01-3\xffT00:00:00Z"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_rfc3339(text));
  }
}
