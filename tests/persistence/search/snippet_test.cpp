#include "persistence/search/snippet.hpp"
#include "tests/support/catch.hpp"

#include <random>
#include <string>
#include <vector>

using namespace hubbub;

namespace {

/// Returns the snippet with the matches in square brackets.
std::string cut(std::string_view content, std::string_view query) {
  tokenizer words;
  std::string shown;
  for (const auto& each : cut_snippet(words, content, read_query(words, query)))
    shown += each.match ? "[" + each.text + "]" : each.text;
  return shown;
}

std::string repeat(std::string_view text, int times) {
  std::string out;
  for (int i = 0; i < times; ++i)
    out += text;
  return out;
}

std::size_t count(const std::string& text, std::string_view part) {
  std::size_t found = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1))
    ++found;
  return found;
}

} // namespace

TEST_CASE("a snippet marks what matched in any script") {
  CHECK(cut("病院は機能していない", "機能") == "病院は[機能]していない");
  CHECK(cut("测试中文搜索", "中文") == "测试[中文]搜索");
  CHECK(cut("ทำงานหนักมาก", "งาน") == "ทำ[งาน]หนักมาก");
  CHECK(cut("Ελλάδα!", "ελλαδα") == "[Ελλάδα]!");
  CHECK(cut("Ёлка", "елка") == "[Ёлка]");
  CHECK(cut("lunch🥗 at noon", "🥗 lunch ") == "[lunch🥗] at noon");
  CHECK(cut("दान दिन", "दिन") == "दान [दिन]");
  CHECK(cut("cafe\u0301 au lait", "cafe ") == "[cafe\u0301] au lait");
}

TEST_CASE("one character marks that character") {
  CHECK(cut("病院は機能していない", "機") == "病院は[機]能していない");
  CHECK(cut("病院は機能していない", "い") == "病院は機能して[い]な[い]");
  CHECK(cut("病院", "院") == "病[院]");
}

TEST_CASE("matches that overlap or touch are one") {
  CHECK(cut("病院は機能", "院は は機") == "病[院は機]能");
  CHECK(cut("病院は機能", "病院 は機") == "[病院は機]能");
  CHECK(cut("one two three", "one two") == "[one] [two] three");
  CHECK(cut("one two three", "\"one two\" \"two three\"") == "[one two three]");
}

TEST_CASE("a phrase is marked as a whole and only where it stands") {
  CHECK(cut("you at noon, at one", "\"at noon\"") == "you [at noon], at one");
  CHECK(cut("argue arguing", "arg") == "[argue] [arguing]");
  CHECK(cut("argue arguing", "argue ") == "[argue] arguing");
}

TEST_CASE("of a long text the part with the most of the query is shown") {
  const auto far = repeat("word ", 100);
  CHECK(cut(far + "needle " + far, "needle ") ==
        "…" + repeat("word ", 11) + "[needle]" + repeat(" word", 12) + "…");
  CHECK(cut("needle " + far, "needle ") == "[needle]" + repeat(" word", 23) + "…");
  CHECK(cut(far + "needle", "needle ") == "…" + repeat("word ", 23) + "[needle]");
  const auto both = cut("needle " + far + "needle and thread " + far, "needle thread ");
  CHECK(both.find("[needle] and [thread]") != std::string::npos);
  CHECK(count(cut(repeat("字", 500) + "機能" + repeat("字", 500), "機能"), "字") < 60);
  CHECK(cut(far + "x", "nothing ") == repeat("word ", 23) + "word…");
  CHECK(cut("", "x").empty());
  CHECK(cut("...", "x") == "...");
}

TEST_CASE("the parts of a snippet are a piece of the text, whatever it is") {
  std::mt19937 random{3};
  const std::vector<std::string> letters{"a",  "b",    " ",  "é",      "病",       "院",
                                         "は", "🎉",    "ि",  "द",      "👍🏽", ".",
                                         "㍿", "\xff", "病", "\u0301", "1️⃣"};
  tokenizer words;
  for (int round = 0; round < 3000; ++round) {
    std::string text;
    for (auto left = random() % 120; left > 0; --left)
      text += letters[random() % letters.size()];
    std::string query;
    for (auto left = random() % 5; left > 0; --left)
      query += letters[random() % letters.size()];
    std::string shown;
    for (const auto& part : cut_snippet(words, text, read_query(words, query)))
      shown += part.text;
    if (shown.starts_with("…")) shown.erase(0, 3);
    if (shown.ends_with("…")) shown.resize(shown.size() - 3);
    INFO(text << " | " << query);
    CHECK(text.find(shown) != std::string::npos);
  }
}
