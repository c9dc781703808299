// Ranking without FTS5 is compared with the ranking of every match by FTS5.
#include "persistence/sqlite/sqlite_ranked_search.hpp"
#include "persistence/sqlite/sqlite_search_rank.hpp"
#include "persistence/sqlite/sqlite_search_tokenizer.hpp"
#include "tests/persistence/store_fixture.hpp"

#include <cstdint>
#include <limits>
#include <random>

using namespace hubbub;
using namespace hubbub::test;

namespace {

constexpr auto room_query = "SELECT room_id FROM messages WHERE id = ?1";

/// A connection to a store's file that ranks in both ways.
class both_rankings {
 public:
  explicit both_rankings(const std::string& path)
      : db_(raw(path)), ranked_(db_, "words_1", 1, room_query) {
    REQUIRE(add_search_tokenizer(db_));
    REQUIRE(add_content_rank(db_));
  }

  /// Returns what both found, after a check that it is the same.
  std::vector<message_id> best(const std::string& text, std::optional<room_id> room = {},
                               std::optional<std::string> user_id = {}, std::int64_t offset = 0,
                               std::int64_t limit = 1000) {
    tokenizer words;
    const auto phrases = read_query(words, text);
    const ranked_question asked{phrases, room, std::move(user_id), offset, limit};
    sqlite::snapshot moment{db_};
    REQUIRE(moment.begin());
    auto ours = ranked_.best(asked);
    REQUIRE(ours);
    INFO(text << " in room " << (room ? room->value : 0));
    REQUIRE(ours->has_value());
    CHECK(**ours == by_fts5(asked));
    return **std::move(ours);
  }
  sqlite_ranked_search& ranked() { return ranked_; }
  sqlite::database& db() { return db_; }

 private:
  std::vector<message_id> by_fts5(const ranked_question& asked) {
    sqlite::statement query{
        db_, "SELECT id FROM (SELECT rowid AS id, content_rank(words_1, ?2) AS rank"
             " FROM words_1 WHERE words_1 MATCH ?1 ORDER BY id DESC LIMIT ?3)"
             " ORDER BY rank, id DESC LIMIT ?4 OFFSET ?5"};
    const auto expression = scoped_expression(asked.phrases, asked.room, asked.user_id);
    const std::int64_t scopes = (asked.room ? 1 : 0) + (asked.user_id ? 1 : 0);
    auto found = query.query(expression, scopes, max_ranked, asked.limit, asked.offset);
    std::vector<message_id> ids;
    while (found.next().value())
      ids.push_back(found.number<message_id>(0));
    return ids;
  }

  sqlite::database db_;
  sqlite_ranked_search ranked_;
};

/// Random texts of few different words, so that every query has many matches, and matches of
/// every kind.
class random_texts {
 public:
  explicit random_texts(std::uint32_t seed) : random_(seed) {}

  std::int64_t below(std::int64_t bound) {
    return std::uniform_int_distribution<std::int64_t>{0, bound - 1}(random_);
  }
  std::string word() {
    // The n-th word comes half as often as the one before it.
    static const words all{"tea",    "green", "team",   "r1",
                           "teapot", "grass", "greens", "u616e6e"};
    std::size_t which = 0;
    while (which + 1 < all.size() && below(2) == 0)
      ++which;
    return all[which];
  }
  std::string text(std::int64_t longest) {
    std::string content;
    for (auto left = below(longest); left >= 0; --left)
      content += word() + ' ';
    if (below(10) == 0) content += "病院は病気";
    return content;
  }
  std::string query() {
    static const words all{"tea ",
                           "tea",
                           "gre",
                           "green tea ",
                           "\"green tea\"",
                           "\"tea green tea\"",
                           "\"tea tea\"",
                           "team \"tea gr",
                           "teapot grass ",
                           "r1 ",
                           "u616e6e",
                           "病院",
                           "病",
                           "tea 病院は",
                           "absent ",
                           "tea absent ",
                           "\"grass greens\" tea"};
    return all[static_cast<std::size_t>(below(std::ssize(all)))];
  }

 private:
  using words = std::vector<std::string>;
  std::mt19937 random_;
};

const std::vector<std::string> users{"ann", "bob", "cy"};

void compare(both_rankings& both, random_texts& random, int queries) {
  for (int i = 0; i < queries; ++i) {
    const auto room =
        random.below(2) == 0 ? std::optional<room_id>{} : room_id{1 + random.below(4)};
    const auto user = random.below(3) == 0
                          ? std::optional{users[static_cast<std::size_t>(random.below(3))]}
                          : std::nullopt;
    const auto text = random.query();
    const auto whole = both.best(text, room, user);
    // A page is a part of the whole.
    const auto offset = random.below(30);
    const auto page = both.best(text, room, user, offset, 10);
    const auto begin = std::min(std::ssize(whole), offset);
    const auto end = std::min(std::ssize(whole), offset + 10);
    CHECK(page == std::vector(whole.begin() + begin, whole.begin() + end));
  }
}

} // namespace

SQLITE_TEST_CASE("matches are ranked as FTS5 would, whatever has become of the index") {
  TestType backend;
  opened db{backend.config()};
  for (int i = 0; i < 4; ++i)
    std::ignore = db.create("room " + std::to_string(i));
  random_texts random{7};
  both_rankings both{backend.config().path};
  for (int round = 0; round < 8; ++round) {
    // Batches of all sizes leave pieces of index of all sizes, which are merged meanwhile.
    std::vector<write_op> ops;
    for (auto left = random.below(300); left >= 0; --left) {
      const room_id room{1 + std::min<std::int64_t>(random.below(8), 3)};
      const auto& user = users[static_cast<std::size_t>(random.below(3))];
      // Some texts have more positions than a page holds.
      ops.emplace_back(say(room, user, random.text(random.below(100) == 0 ? 3000 : 12)));
    }
    for (int i = 0; i < 20; ++i) {
      const room_id room{1 + random.below(4)};
      const sequence seq{1 + random.below(50 * (round + 1))};
      const auto& user = users[static_cast<std::size_t>(random.below(3))];
      if (random.below(3) == 0)
        ops.emplace_back(op::delete_message{room, seq, user});
      else
        ops.emplace_back(op::edit_message{room, seq, user, random.text(20)});
    }
    std::ignore = db.writer().commit(ops, now);
    std::ignore = db.reader(); // takes in the tail
    compare(both, random, 25);
  }
  CHECK(both.best("tea").size() == 1000);
}

SQLITE_TEST_CASE("lists of many pages are ranked as by FTS5, and only the newest matches") {
  TestType backend;
  opened db{backend.config()};
  const auto room = db.create("tea");
  const auto other = db.create("coffee");
  std::vector<write_op> ops;
  constexpr int messages = 20'000;
  for (int i = 0; i < messages; ++i) {
    std::string content = "every";
    if (i % 100 == 0) content += " hundredth";
    if (i % 6'000 == 0) content += " rare";
    content.append(" ").append(static_cast<std::size_t>(i % 9) * 2, 'x') += " word";
    for (int more = i % 13; more > 0; --more)
      content += " word";
    ops.emplace_back(say(i % 50 == 0 ? other : room, i % 500 == 0 ? "bob" : "ann", content));
  }
  std::ignore = db.writer().commit(ops, now);
  both_rankings both{backend.config().path};
  CHECK(both.best("every ", room).size() == 1000);
  CHECK(both.best("every ", {}, {}, 900, 20).size() == 20);
  CHECK(both.best("hundredth").size() == messages / 100);
  CHECK(both.best("\"every hundredth\"", other).size() == messages / 100);
  CHECK(both.best("rare every ").size() == 4);
  CHECK(both.best("rare word ", other).size() == 4);
  CHECK(both.best("every ", other, "bob").size() == messages / 500);
  CHECK(both.best("every hundredth ", room).empty());
}

SQLITE_TEST_CASE("a filter of rooms leaves out matches, and what it lets pass is ranked") {
  TestType backend;
  opened db{backend.config()};
  for (int i = 0; i < 3; ++i)
    std::ignore = db.create("room " + std::to_string(i));
  std::vector<write_op> ops;
  ops.reserve(300);
  for (int i = 0; i < 300; ++i)
    ops.emplace_back(say(room_id{1 + i % 3}, "ann", i % 2 == 0 ? "green tea" : "tea"));
  std::ignore = db.writer().commit(ops, now);
  both_rankings both{backend.config().path};
  tokenizer words;
  const auto phrases = read_query(words, "tea ");
  const auto found = both.ranked().best({phrases, {}, {}, 0, 3},
                                        [](room_id room) { return room == room_id{2}; });
  REQUIRE(found);
  REQUIRE(found->has_value());
  CHECK(**found == std::vector{message_id{296}, message_id{290}, message_id{284}});
  const auto rooms = both.ranked().rooms({phrases, {}, {}, 0, 3});
  REQUIRE(rooms);
  REQUIRE(rooms->has_value());
  CHECK((*rooms)->rooms == std::vector{room_id{1}, room_id{2}, room_id{3}});
  CHECK((*rooms)->oldest == message_id{1});
}

SQLITE_TEST_CASE("facts that are missing are looked up, and filled in with time") {
  TestType backend;
  const auto path = backend.config().path;
  random_texts random{11};
  {
    opened db{backend.config()};
    for (int i = 0; i < 4; ++i)
      std::ignore = db.create("room " + std::to_string(i));
    std::vector<write_op> ops;
    for (int i = 0; i < 3100; ++i) {
      const auto& user = users[static_cast<std::size_t>(i) % 3];
      ops.emplace_back(say(room_id{1 + i % 3}, user, random.text(12)));
    }
    std::ignore = db.writer().commit(ops, now);
  }
  const auto facts = [&] {
    return raw(path).value("SELECT group_concat(hex(facts)) FROM search_facts").value();
  };
  const auto written = facts();
  REQUIRE(written.size() > 3 * 2 * facts_block::messages);
  // As an earlier version has left it.
  REQUIRE(raw(path).run("DELETE FROM search_facts;"
                        "INSERT INTO counters VALUES ('search_facts_1', 3)"));
  {
    both_rankings both{path};
    compare(both, random, 25);
  }
  opened again{backend.config()};
  CHECK(again.writer().purge(now));
  CHECK(raw(path).value("SELECT value FROM counters WHERE name = 'search_facts_1'") == "2");
  while (again.writer().purge(now)) {
  }
  CHECK(raw(path).value("SELECT count(*) FROM counters WHERE name = 'search_facts_1'") == "0");
  CHECK(facts() == written);
  both_rankings both{path};
  compare(both, random, 25);
}

TEST_CASE("a rarity is a number above 0, whatever a damaged index says of its rows") {
  for (const std::int64_t rows : {std::numeric_limits<std::int64_t>::min(), std::int64_t{-1},
                                  std::int64_t{0}, std::int64_t{3}})
    for (const std::int64_t matches : {0, 3, 100'000}) {
      CAPTURE(rows, matches);
      CHECK(content_ranking{rows, 5}.rarity(matches) > 0);
    }
}

SQLITE_TEST_CASE("a damaged index is left to FTS5, or is an error, and never more") {
  TestType backend;
  const auto path = backend.config().path;
  opened db{backend.config()};
  for (int i = 0; i < 4; ++i)
    std::ignore = db.create("room " + std::to_string(i));
  random_texts random{13};
  std::vector<write_op> ops;
  ops.reserve(400);
  for (int i = 0; i < 400; ++i)
    ops.emplace_back(say(room_id{1 + i % 3}, "ann", random.text(i % 50 == 0 ? 3000 : 12)));
  std::ignore = db.writer().commit(ops, now);
  std::ignore = db.reader();
  both_rankings both{path};
  tokenizer words;
  auto& file = both.db();
  const auto pages = std::stoll(file.value("SELECT count(*) FROM words_1_data").value());
  sqlite::statement read{file, "SELECT id, block FROM words_1_data LIMIT 1 OFFSET ?"};
  sqlite::statement write{file, "UPDATE words_1_data SET block = ? WHERE id = ?"};
  sqlite::statement lead_astray{file, "UPDATE words_1_idx SET pgno = 2 * ?"};
  for (int round = 0; round < 300; ++round) {
    sqlite::transaction harm{file};
    REQUIRE(harm.begin());
    std::int64_t id = 0;
    std::vector<std::uint8_t> block;
    {
      auto found = read.query(random.below(pages));
      REQUIRE(found.next().value());
      id = found.integer(0);
      const auto bytes = found.blob(1);
      block.assign(bytes.begin(), bytes.end());
    }
    if (block.empty()) continue;
    if (random.below(8) == 0)
      block.resize(static_cast<std::size_t>(random.below(std::ssize(block)) + 1));
    for (auto count = random.below(6); count >= 0; --count)
      block[static_cast<std::size_t>(random.below(
          std::min<std::int64_t>(std::ssize(block), random.below(2) == 0 ? 8 : 5000)))] =
          static_cast<std::uint8_t>(random.below(256));
    if (random.below(4) == 0) { // numbers of nine bytes, the longest
      const auto at = random.below(std::ssize(block));
      const auto count =
          std::min<std::int64_t>(9 * (1 + random.below(4)), std::ssize(block) - at);
      std::fill_n(block.begin() + at, count, std::uint8_t{0xff});
    }
    REQUIRE(write.run(std::span<const std::uint8_t>{block}, id));
    if (random.below(4) == 0) REQUIRE(lead_astray.run(random.below(6)));
    const auto phrases = read_query(words, random.query());
    if (!phrases.empty())
      std::ignore = both.ranked().best({phrases, room_id{1 + random.below(4)}, {}, 0, 20});
    // The transaction is rolled back.
  }
  CHECK(both.best("tea").size() > 100);
}
