#include "persistence/search/tokenizer.hpp"
#include "tests/support/catch.hpp"

#include <unicode/ubrk.h>
#include <unicode/utext.h>

#include <algorithm>
#include <random>
#include <set>
#include <string>
#include <vector>

using namespace hubbub;

namespace {

using words = std::vector<std::string>;

struct found_token {
  std::string text;
  token_kind kind;
  std::size_t begin;
  std::size_t end;
  std::size_t first_end;
};

class collector final : public token_sink {
 public:
  bool take(const token& each) override {
    tokens.push_back({std::string{each.text}, each.kind, each.begin, each.end, each.first_end});
    return true;
  }
  std::vector<found_token> tokens;
};

std::vector<found_token> tokens_of(std::string_view text,
                                   tokenizer::mode mode = tokenizer::mode::document) {
  tokenizer cutter;
  collector found;
  CHECK(cutter.run(text, mode, found));
  return found.tokens;
}

words words_of(std::string_view text, tokenizer::mode mode = tokenizer::mode::document) {
  words texts;
  for (auto& each : tokens_of(text, mode))
    texts.push_back(each.text);
  return texts;
}

words asked(std::string_view text) {
  return words_of(text, tokenizer::mode::query);
}

} // namespace

TEST_CASE("words end at spaces and at all punctuation") {
  CHECK(words_of("Hello, World! 42") == words{"hello", "world", "42"});
  CHECK(words_of("see example.com/a_b?c=1") ==
        words{"see", "example", "com", "a", "b", "c", "1"});
  CHECK(words_of("don't l'été 3.14 you-at-noon") ==
        words{"don", "t", "l", "ete", "3", "14", "you", "at", "noon"});
  CHECK(words_of("«Привет», „Tag“") == words{"привет", "tag"});
  CHECK(words_of("").empty());
  CHECK(words_of(" \t.,!\u3000\u3001").empty());
}

TEST_CASE("case, width and ligatures fold") {
  CHECK(words_of("STRASSE Straße") == words{"strasse", "strasse"});
  CHECK(words_of("ΟΔΟΣ οδός") == words{"οδοσ", "οδοσ"});
  CHECK(words_of("İstanbul") == words{"istanbul"});
  CHECK(words_of("Ｔｏｋｙｏ２０") == words{"tokyo20"});
  CHECK(words_of("ﬁnal oﬃce ŉ") == words{"final", "office", "ʼn"});
  CHECK(words_of("ｶﾞｷﾞ") == words_of("ガギ"));
  CHECK(words_of("Ⅳ ② m² ½") == words{"iv", "2", "m2", "1", "2"});
  CHECK(words_of("5㎏ ™") == words{"5kg", "tm"});
}

TEST_CASE("accents fold in every script") {
  CHECK(words_of("Café cafe\u0301 ÅNGSTRÖM Việt ñ ç") ==
        words{"cafe", "cafe", "angstrom", "viet", "n", "c"});
  CHECK(words_of("Ελλάδα ΐ ᾳ ᾧ") == words{"ελλαδα", "ι", "αι", "ωι"});
  CHECK(words_of("Ёлка за\u0301мок") == words{"елка", "замок"});
  CHECK(words_of("שָׁלוֹם שׁ") == words{"שלום", "ש"});
  CHECK(words_of("كِتَابٌ أحمد كـتـاب") == words{"كتاب", "احمد", "كتاب"});
}

TEST_CASE("marks that are letters stay") {
  CHECK(words_of("दिन दान") == words{"दिन", "दान"});
  CHECK(words_of("हिन्दी") == words{"हिन्दी"});
  CHECK(words_of("தமிழ் বাংলা ਪੰਜਾਬੀ") == words{"தமிழ்", "বাংলা", "ਪੰਜਾਬੀ"});
  CHECK(words_of("क़लम") == words_of("क\u093cलम"));
  CHECK(words_of("мой мои їжа ўсё") == words{"мой", "мои", "їжа", "ўсе"});
  CHECK(words_of("и\u0306") == words{"й"});
  CHECK(words_of("が") != words_of("か"));
  CHECK(words_of("か\u3099") == words_of("が"));
}

TEST_CASE("what is not seen leaves no trace") {
  CHECK(words_of("may\u00adbe mail\u200dbox") == words{"maybe", "mailbox"});
  CHECK(words_of("می\u200cخواهم") == words{"میخواهم"});
  CHECK(words_of("\u200d\u00ad\u0301").empty());
}

TEST_CASE("a script without spaces becomes overlapping pairs and its last character") {
  CHECK(words_of("病院は") == words{"病院", "院は", "は"});
  CHECK(words_of("中") == words{"中"});
  CHECK(words_of("ハローワールド") ==
        words{"ハロ", "ロー", "ーワ", "ワー", "ール", "ルド", "ド"});
  CHECK(words_of("한국어") == words{"한국", "국어", "어"});
  CHECK(words_of("งาน") == words{"งา", "าน", "น"});
  CHECK(words_of("ລາວ") == words{"ລາ", "າວ", "ວ"});
  CHECK(words_of("ខ្មែរ").size() == 5);
  CHECK(words_of("မြန်မာ").size() == 6);
  CHECK(words_of("iPhone用ケース 3月") ==
        words{"iphone", "用ケ", "ケー", "ース", "ス", "3", "月"});
  CHECK(words_of("一、二") == words{"一", "二"});
  CHECK(words_of("\u1112\u1161\u11ab") == words{"한"}); // composed from its parts
  CHECK(words_of("㍿") == words{"株式", "式会", "会社", "社"});
}

TEST_CASE("a query leaves out the last character of a run where nothing follows") {
  CHECK(asked("機能") == words{"機能"});
  CHECK(asked("機能は") == words{"機能", "能は"});
  CHECK(asked("機") == words{"機"});
  CHECK(asked("機能 は") == words{"機能", "能", "は"});
  CHECK(asked("機能 中文") == words{"機能", "能", "中文"});
  CHECK(asked("機能 x") == words{"機能", "能", "x"});
  CHECK(asked("機能 🎉") == words{"機能", "能", "🎉"});
  CHECK(asked("機能!") == words{"機能"});
  CHECK(asked("x機能") == words{"x", "機能"});
  CHECK(asked("hello world") == words{"hello", "world"});
}

TEST_CASE("emoji are words of their own") {
  CHECK(words_of("lunch🥗at noon🎉🎉") == words{"lunch", "🥗", "at", "noon", "🎉", "🎉"});
  CHECK(words_of("👍🏽 👍") == words{"👍", "👍"});
  CHECK(words_of("❤️ ❤") == words{"❤", "❤"});
  CHECK(words_of("👨‍👩‍👧 👩🏾‍💻") ==
        words{"👨‍👩‍👧", "👩‍💻"});
  CHECK(words_of("🇩🇪🇫🇷 🇩") == words{"🇩🇪", "🇫🇷", "🇩"});
  CHECK(words_of("1️⃣ 23️⃣ #️⃣ *⃣ 7") == words{"1⃣", "2", "3⃣", "#⃣", "*⃣", "7"});
  CHECK(words_of("🏴󠁧󠁢󠁥󠁮󠁧󠁿") == words{"🏴󠁧󠁢󠁥󠁮󠁧󠁿"});
  CHECK(words_of("🏽") == words{"🏽"});
  CHECK(words_of("ℹ ℹ️ ㊗️ ㊗") == words{"i", "ℹ", "㊗", "祝"});
  CHECK(words_of("日本🎌語") == words{"日本", "本", "🎌", "語"});
  CHECK(words_of("👨‍x") == words{"👨", "x"});
}

TEST_CASE("tokens say where they stand") {
  const auto found = tokens_of("Ab 病院 é!");
  REQUIRE(found.size() == 4);
  CHECK((found[0].begin == 0 && found[0].end == 2 && found[0].kind == token_kind::word));
  CHECK((found[1].begin == 3 && found[1].first_end == 6 && found[1].end == 9));
  CHECK(found[1].kind == token_kind::pair);
  CHECK((found[2].begin == 6 && found[2].end == 9 && found[2].kind == token_kind::single));
  CHECK((found[3].begin == 10 && found[3].end == 12));
  const auto marked = tokens_of("cafe\u0301 🎉");
  REQUIRE(marked.size() == 2);
  CHECK((marked[0].begin == 0 && marked[0].end == 6));
  CHECK((marked[1].begin == 7 && marked[1].end == 11 && marked[1].kind == token_kind::emoji));
}

TEST_CASE("a sink that has enough gets no more") {
  class once final : public token_sink {
   public:
    bool take(const token&) override { return ++count < 1; }
    int count = 0;
  };
  tokenizer cutter;
  for (const auto* text : {"a b c", "病院は機能", "🎉🎉🎉"}) {
    once sink;
    CHECK_FALSE(cutter.run(text, tokenizer::mode::document, sink));
    CHECK(sink.count == 1);
  }
}

TEST_CASE("bytes that are no UTF-8 stand between words") {
  using namespace std::string_literals;
  CHECK(words_of("a\xff"
                 "b\xc3") == words{"a", "b"});
  CHECK(words_of("病\xe7\x97"s) == words{"病"});
  CHECK(words_of("a\0b"s) == words{"a", "b"});
}

TEST_CASE("no word of letters and digits reaches over a boundary of UAX 29") {
  // Compared with ICU's own word boundaries, for scripts that have spaces.
  const std::vector<std::string> letters{"a",      "Z",       "é",        "e\u0301",
                                         "ß",      "7",       " ",        ".",
                                         "'",      "-",       ":",        ",",
                                         "_",      "ж",       "Ё",        "λ",
                                         "ς",      "ש",       "״",        "ب",
                                         "أ",      "\u064e",  "द",        "ि",
                                         "न",      "्",        "त",        "\u00ad",
                                         "\u200d", "🎉",       "👍🏽", "👨‍👩‍👧",
                                         "🇩🇪",     "1️⃣", "\u2019",   "\u00b7",
                                         "\n"};
  std::mt19937 random{11};
  UErrorCode error = U_ZERO_ERROR;
  auto* breaks = ubrk_open(UBRK_WORD, "", nullptr, 0, &error);
  REQUIRE(U_SUCCESS(error));
  for (int round = 0; round < 3000; ++round) {
    std::string text;
    for (auto left = random() % 14; left > 0; --left)
      text += letters[random() % letters.size()];
    auto* view = utext_openUTF8(nullptr, text.data(), std::ssize(text), &error);
    ubrk_setUText(breaks, view, &error);
    REQUIRE(U_SUCCESS(error));
    std::set<std::size_t> boundaries;
    for (auto at = ubrk_first(breaks); at != UBRK_DONE; at = ubrk_next(breaks))
      boundaries.insert(static_cast<std::size_t>(at));
    for (const auto& each : tokens_of(text)) {
      INFO(text << ": " << each.text);
      const auto inside = boundaries.upper_bound(each.begin);
      CHECK((inside == boundaries.end() || *inside >= each.end));
    }
    utext_close(view);
  }
  ubrk_close(breaks);
}
