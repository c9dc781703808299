// What every store must do: full-text search.
#include "proto/own_event.hpp"
#include "tests/persistence/store_fixture.hpp"

#include <random>

using namespace hubbub;
using namespace hubbub::test;

namespace {

using words = std::vector<std::string>;

search_page search(opened& db, const search_query& query) {
  auto page = db.reader().search(query);
  REQUIRE(page);
  return *std::move(page);
}

/// Returns the contents that were found, best first.
words found(opened& db, const std::string& text, std::optional<room_id> room = std::nullopt) {
  words contents;
  for (const auto& hit : search(db, {.room = room, .text = text}).hits)
    contents.push_back(hit.found.content);
  return contents;
}

} // namespace

STORE_TEST_CASE("a search finds messages that hold all its words") {
  TestType backend;
  opened db{backend.config()};
  const auto tea = db.create("tea");
  const auto cake = db.create("cake");
  const auto both = db.append(say(tea, "ann", "Green tea and black coffee")).stored;
  std::ignore = db.append(say(tea, "bob", "green grass"));
  std::ignore = db.append(say(cake, "ann", "coffee cake, green of course"));

  CHECK(found(db, "coffee green", tea) == words{both.content});
  CHECK(found(db, "green").size() == 3);
  CHECK(found(db, "green coffee").size() == 2);
  CHECK(found(db, "green milk").empty());
  const auto hit = search(db, {.room = tea, .text = "coffee"}).hits.at(0);
  CHECK(hit.found == both);
  CHECK(hit.room_name == "tea");
  CHECK(search(db, {.room = room_id{99}, .text = "coffee"}).hits.empty());
}

STORE_TEST_CASE("words are found whatever their case and accents, the last by its beginning") {
  TestType backend;
  opened db{backend.config()};
  const auto room = db.create("tea");
  std::ignore = db.append(say(room, "ann", "Caf\u00e9 \u00c4RGER"));
  CHECK(found(db, "CAFE \u00e4rger").size() == 1);
  CHECK(found(db, "cafe arg").size() == 1);
  CHECK(found(db, "caf arger").empty()); // only the last word may be a beginning
  CHECK(found(db, "cafe arg ").empty()); // a complete word
  CHECK(found(db, "cafe ar").empty());   // too short
  CHECK(found(db, "\"arg\"").empty());   // in quotes
  CHECK(found(db, "afe").empty());
}

STORE_TEST_CASE("words in quotes stand one after the other") {
  TestType backend;
  opened db{backend.config()};
  const auto room = db.create("tea");
  std::ignore = db.append(say(room, "ann", "see you at noon"));
  CHECK(found(db, "\"you at noon\"").size() == 1);
  CHECK(found(db, "\"at you\"").empty());
  CHECK(found(db, "at you").size() == 1);
  CHECK(found(db, "noon \"you at\"").size() == 1);
  CHECK(found(db, "\"you at no").empty()); // two bytes
  CHECK(found(db, "\"you at noo").size() == 1);
  CHECK(found(db, "you-at-noon").size() == 1); // written as one word
  CHECK(found(db, "at-you").empty());
}

STORE_TEST_CASE("nothing in a search is an operator and nothing is refused") {
  TestType backend;
  opened db{backend.config()};
  const auto room = db.create("tea");
  std::ignore = db.append(say(room, "ann", "salt AND pepper NOT NEAR content"));
  CHECK(found(db, "salt AND pepper").size() == 1);
  CHECK(found(db, "salt OR sugar").empty());
  CHECK(found(db, "salt NOT sugar").empty());
  CHECK(found(db, "NEAR(salt pepper)").empty()); // "near salt", one after the other
  CHECK(found(db, "content").size() == 1);
  CHECK(found(db, "content:salt").empty());
  // the words that narrow a search to a room are not words of the text
  CHECK(found(db, "r1").empty());
  CHECK(found(db, "u616e6e").empty());
  const auto nothing = GENERATE(as<std::string>{}, "", " ", "\"", "\"\"", "!!!", "* ^ - + : {}",
                                "\"***", "\u3000", std::string{"\0", 1}, "\xff\xfe");
  CHECK(found(db, nothing).empty());
  CHECK(found(db, nothing, room).empty());
  CHECK(found(db, "salt " + nothing).size() == 1);
  CHECK(found(db, "\"salt\"" + nothing, room).size() == 1);
}

STORE_TEST_CASE("any bytes are a search") {
  TestType backend;
  opened db{backend.config()};
  const auto room = db.create("tea");
  std::ignore = db.append(say(room, "ann", "salt and pepper"));
  std::mt19937 random{5};
  using namespace std::string_literals;
  const auto letters = "sal \"'*()^-+:{}[]ANDORT\\%_;\0\n\x80\xc3\xe2\xff"s;
  std::uniform_int_distribution<std::size_t> letter{0, letters.size() - 1};
  for (int round = 0; round < 2000; ++round) {
    std::string text;
    for (auto left = std::uniform_int_distribution{0, 40}(random); left > 0; --left)
      text += letters[letter(random)];
    REQUIRE(db.reader().search({.room = room, .text = text}));
  }
  std::string long_one;
  for (int i = 0; i < 2000; ++i)
    long_one += "pepper ";
  CHECK(found(db, long_one).size() == 1);
}

STORE_TEST_CASE("a search finds events by their text, not by their arguments") {
  using parts = std::vector<snippet_part>;
  TestType backend;
  opened db{backend.config()};
  const auto room = db.create("tea");
  const auto content = stored_content({"polled", R"({"choice":"needle"})", "What to eat"});
  const auto sent = db.append(say(room, "host", content)).stored;
  CHECK(found(db, "needle").empty());
  CHECK(found(db, "polled").empty());
  const auto hits = search(db, {.room = room, .text = "eat"}).hits;
  REQUIRE(hits.size() == 1);
  CHECK(hits.front().snippet == parts{{"What to ", false}, {"eat", true}});
  std::ignore = db.write(op::edit_message{room, sent.seq, "host", "What to drink"},
                         timestamp{now.value + 1});
  CHECK(found(db, "eat").empty());
  CHECK(found(db, "drink").size() == 1);
}

STORE_TEST_CASE("a snippet tells the matches from the rest, whatever the content") {
  using parts = std::vector<snippet_part>;
  TestType backend;
  opened db{backend.config()};
  const auto room = db.create("tea");
  std::ignore = db.append(say(room, "ann", "<b>one</b> two [three] four"));
  const auto hit = search(db, {.room = room, .text = "two \"three four\""}).hits.at(0);
  CHECK(hit.snippet ==
        parts{{"<b>one</b> ", false}, {"two", true}, {" [", false}, {"three] four", true}});
  std::string far;
  for (int i = 0; i < 100; ++i)
    far += "word ";
  std::ignore = db.append(say(room, "ann", far + "needle " + far));
  const auto cut = search(db, {.room = room, .text = "needle"}).hits.at(0).snippet;
  REQUIRE(cut.size() == 3);
  CHECK(cut[1] == snippet_part{"needle", true});
  CHECK(cut[0].text.size() < 200);
  CHECK(cut[0].text.find("\u2026") == 0);
}

STORE_TEST_CASE("a search can be for one user's messages") {
  TestType backend;
  opened db{backend.config()};
  const auto room = db.create("tea");
  std::ignore = db.append(say(room, "ann", "tea from ann"));
  std::ignore = db.append(say(room, "Ann", "tea from Ann"));
  std::ignore = db.append(say(room, "\u00e4nn \"x\"", "tea from another"));
  const auto of = [&](const std::string& user) {
    return search(db, {.room = std::nullopt, .text = "tea", .user_id = user}).hits;
  };
  REQUIRE(of("ann").size() == 1);
  CHECK(of("ann")[0].found.content == "tea from ann");
  CHECK(of("\u00e4nn \"x\"").size() == 1);
  CHECK(of("an").empty());
  CHECK(of("").empty());
}

STORE_TEST_CASE("the best matches come first, in pages that do not overlap") {
  TestType backend;
  opened db{backend.config()};
  const auto room = db.create("tea");
  std::ignore = db.append(say(room, "ann", "tea among very many other words of no interest"));
  std::ignore = db.append(say(room, "ann", "tea, tea, tea"));
  for (int i = 0; i < 20; ++i)
    std::ignore = db.append(say(room, "ann", "something else " + std::to_string(i)));
  const auto best = found(db, "tea");
  REQUIRE(best.size() == 2);
  CHECK(best[0] == "tea, tea, tea");

  words paged;
  search_page page;
  search_query query{
      .room = room, .text = "else", .user_id = std::nullopt, .offset = 0, .limit = 7};
  do {
    page = search(db, query);
    for (const auto& hit : page.hits)
      paged.push_back(hit.found.content);
    query.offset += query.limit;
  } while (page.has_more);
  CHECK(paged.size() == 20);
  paged = sorted(paged);
  CHECK(std::unique(paged.begin(), paged.end()) == paged.end());
  query = {.room = room, .text = "else", .user_id = std::nullopt, .offset = -5, .limit = 20};
  CHECK_FALSE(search(db, query).has_more);
  CHECK(search(db, query).hits.size() == 20);
  query.limit = -1;
  CHECK(search(db, query).hits.empty());
  query.offset = 1'000'000;
  CHECK(search(db, query).hits.empty());
}

STORE_TEST_CASE("a search keeps step with edits and deletions") {
  TestType backend;
  opened db{backend.config()};
  const auto room = db.create("tea");
  const auto sent = db.append(say(room, "ann", "green tea")).stored;
  std::ignore = db.write(op::edit_message{room, sent.seq, "ann", "black tea"});
  CHECK(found(db, "green").empty());
  CHECK(found(db, "black") == words{"black tea"});
  std::ignore = db.write(op::delete_message{room, sent.seq, "ann"});
  CHECK(found(db, "black").empty());
  CHECK(found(db, "tea").empty());
}

STORE_TEST_CASE("words are found in all scripts") {
  TestType backend;
  opened db{backend.config()};
  const auto room = db.create("tea");
  const auto* const said =
      GENERATE("病院は機能していない", "测试中文搜索", "ทำงานหนักมาก", "दिन",
               "lunch🥗 at noon 🎉", "Ελλάδα", "Ёлка", "한국어를 배워요");
  std::ignore = db.append(say(room, "ann", "दान something else 病 ελ"));
  std::ignore = db.append(say(room, "ann", said));
  const words one{said};
  const std::string text{said};
  if (text.starts_with("病")) {
    CHECK(found(db, "機能") == one);
    CHECK(found(db, "機") == one);
    CHECK(found(db, "\"機\"") == one);
    CHECK(found(db, "い") == one);
    CHECK(found(db, "病院は機能していない") == one);
    CHECK(found(db, "病能").empty());
    CHECK(found(db, "病").size() == 2);
  } else if (text.starts_with("测")) {
    CHECK(found(db, "中文") == one);
    CHECK(found(db, "索") == one);
    CHECK(found(db, "搜索 测试") == one);
    CHECK(found(db, "文中").empty());
  } else if (text.starts_with("ท")) {
    CHECK(found(db, "งาน") == one);
    CHECK(found(db, "มาก") == one);
    CHECK(found(db, "มา") == one);
  } else if (text.starts_with("द")) {
    CHECK(found(db, "दिन") == one);
    CHECK(found(db, "दान").size() == 1);
  } else if (text.starts_with("l")) {
    CHECK(found(db, "lunch") == one);
    CHECK(found(db, "lunch ") == one);
    CHECK(found(db, "🎉") == one);
    CHECK(found(db, "🥗") == one);
    CHECK(found(db, "🎂").empty());
  } else if (text.starts_with("Ε")) {
    CHECK(found(db, "ελλαδα") == one);
    CHECK(found(db, "ΕΛΛΆΔΑ") == one);
    CHECK(found(db, "ελλ") == one);
  } else if (text.starts_with("Ё")) {
    CHECK(found(db, "елка") == one);
    CHECK(found(db, "ёлка") == one);
  } else {
    CHECK(found(db, "한국") == one);
    CHECK(found(db, "국어를") == one);
    CHECK(found(db, "요") == one);
  }
}

STORE_TEST_CASE("a snippet marks what matched in a script without spaces") {
  using parts = std::vector<snippet_part>;
  TestType backend;
  opened db{backend.config()};
  const auto room = db.create("tea");
  std::ignore = db.append(say(room, "ann", "病院は機能していない"));
  const auto hits = search(db, {.room = room, .text = "機能 病"}).hits;
  REQUIRE(hits.size() == 1);
  CHECK(hits[0].snippet ==
        parts{{"病", true}, {"院は", false}, {"機能", true}, {"していない", false}});
}

STORE_TEST_CASE("many common characters are found among many messages") {
  TestType backend;
  opened db{backend.config()};
  const auto room = db.create("tea");
  std::vector<write_op> ops;
  for (int i = 0; i < 500; ++i)
    ops.emplace_back(say(room, "ann", "的中" + std::to_string(i) + (i % 7 == 0 ? "中文" : "")));
  std::ignore = db.writer().commit(ops, now);
  CHECK(search(db, {.room = room, .text = "的", .limit = 1000}).hits.size() == 500);
  CHECK(search(db, {.room = room, .text = "中文", .limit = 1000}).hits.size() == 72);
}
