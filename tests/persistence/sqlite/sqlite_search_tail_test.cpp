// The tail of the log: messages that the search index has yet to take in.
#include "persistence/maintenance/maintenance.hpp"
#include "persistence/sqlite/sqlite_reader.hpp"
#include "persistence/sqlite/sqlite_search_tokenizer.hpp"
#include "tests/persistence/sqlite/exposed_writer.hpp"
#include "tests/persistence/store_fixture.hpp"

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

using namespace hubbub;
using namespace hubbub::test;

namespace {

using texts = std::vector<std::string>;

/// Returns what a reader finds, which nobody has indexed anything for.
texts found_by(store_reader& reader, const search_query& query) {
  texts contents;
  const auto page = reader.search(query);
  REQUIRE(page);
  for (const auto& hit : page->hits)
    contents.push_back(hit.found.content);
  return contents;
}

/// A store with a reader for which the tail is not indexed first.
struct tailed : opened {
  explicit tailed(const store_config& config) : opened(config), unready(whole().reader()) {}
  texts found(const std::string& text) {
    return found_by(*unready, {.text = text, .limit = 100});
  }
  void say_all(room_id room, const texts& all) {
    for (const auto& each : all)
      std::ignore = append(say(room, "ann", each));
  }

  std::unique_ptr<store_reader> unready;
};

/// Returns how many messages the index itself has for a word.
std::string in_index(const std::string& path, const std::string& word) {
  auto tool = raw(path);
  REQUIRE(add_search_tokenizer(tool));
  return tool.value("SELECT count(*) FROM words_1 WHERE words_1 MATCH '" + word + "'").value();
}

/// Copies the files that a process would leave if it were killed now.
void copy_crashed(const std::string& from, const std::string& to) {
  for (const auto* suffix : {"", "-wal"})
    std::filesystem::copy_file(from + suffix, to + suffix);
}

void check_sound(const std::string& path) {
  const auto report = check_database(path);
  REQUIRE(report);
  CHECK(report->findings.empty());
  CHECK(report->search_compared);
}

} // namespace

SQLITE_TEST_CASE("a message is found before it is indexed, and after") {
  TestType backend;
  const auto path = backend.config().path;
  tailed db{backend.config()};
  const auto room = db.create("tea");
  CHECK(db.writer().search_tail() == 0);
  db.say_all(room, {"green tea", "black tea"});
  CHECK(db.writer().search_tail() == 2);
  CHECK(in_index(path, "tea") == "0");
  CHECK(db.found("tea") == texts{"black tea", "green tea"});
  CHECK_FALSE(db.writer().index_tail());
  CHECK(db.writer().search_tail() == 0);
  CHECK(in_index(path, "tea") == "2");
  CHECK(sorted(db.found("tea")) == texts{"black tea", "green tea"});
}

TEST_CASE("the tail knows the same matches as the index") {
  memory_backend backend;
  tailed db{backend.config()};
  const auto room = db.create("tea");
  db.say_all(room,
             {"Green tea, please", "greenest of teas", "tea green", "Caf\u00e9 \u00c4RGER",
              "\u75c5\u9662\u306f\u9060\u3044", "lunch \U0001F957", "see you at noon"});
  const auto queries =
      texts{"green",           "green ",       "tea",         "\"green tea\"", "gre tea",
            "CAFE \u00e4rger", "\u9662\u306f", "\u75c5",      "\u9060\u3044 ", "\U0001F957",
            "\"you at no",     "at-you",       "you-at-noon", "!!!",           "r1",
            "content:green"};
  std::vector<texts> before;
  for (const auto& query : queries)
    before.push_back(sorted(db.found(query)));
  CHECK(before[0].size() == 3);
  CHECK(db.writer().search_tail() == 7);
  REQUIRE_FALSE(db.writer().index_tail());
  for (std::size_t i = 0; i < queries.size(); ++i) {
    CAPTURE(queries[i]);
    CHECK(sorted(db.found(queries[i])) == before[i]);
  }
}

SQLITE_TEST_CASE("a commit of many takes in the tail and its own messages") {
  TestType backend;
  const auto path = backend.config().path;
  {
    tailed db{backend.config()};
    const auto room = db.create("tea");
    db.say_all(room, {"green", "green"});
    std::vector<write_op> ops;
    for (int i = 0; i < 16; ++i)
      ops.emplace_back(say(room, "ann", "green"));
    ops.emplace_back(op::edit_message{room, sequence{1}, "ann", "red"});
    ops.emplace_back(op::delete_message{room, sequence{3}, "ann"});
    std::ignore = db.writer().commit(ops, now);
    CHECK(db.writer().search_tail() == 0);
    CHECK(in_index(path, "green") == "16");
    CHECK(in_index(path, "red") == "1");
  }
  check_sound(path);
}

TEST_CASE("the tail has a greatest length") {
  memory_backend backend;
  tailed db{backend.config()};
  const auto room = db.create("tea");
  std::int64_t longest = 0;
  for (int i = 0; i < 1'002; ++i) {
    std::ignore = db.append(say(room, "ann", "green"));
    longest = std::max(longest, db.writer().search_tail());
  }
  CHECK(longest == 1'000);
  CHECK(db.writer().search_tail() == 1);
  int steps = 0;
  for (int i = 0; i < 700; ++i)
    std::ignore = db.append(say(room, "ann", "green"));
  while (db.writer().index_tail())
    ++steps;
  CHECK(steps == 3);
  CHECK(db.writer().search_tail() == 0);
}

SQLITE_TEST_CASE("what is edited or deleted in the tail is found as it is now") {
  TestType backend;
  const auto path = backend.config().path;
  {
    tailed db{backend.config()};
    const auto room = db.create("tea");
    db.say_all(room, {"green", "black", "white"});
    std::ignore = db.write(op::edit_message{room, sequence{1}, "ann", "red"});
    std::ignore = db.write(op::delete_message{room, sequence{2}, "ann"});
    CHECK(db.writer().search_tail() == 3);
    for (int round = 0; round < 2; ++round) {
      CHECK(db.found("green").empty());
      CHECK(db.found("black").empty());
      CHECK(db.found("red") == texts{"red"});
      CHECK(db.found("white") == texts{"white"});
      REQUIRE_FALSE(db.writer().index_tail());
    }
    CHECK(in_index(path, "green") == "0");
    CHECK(in_index(path, "black") == "0");
    // The same for messages that the index holds.
    std::ignore = db.write(op::edit_message{room, sequence{1}, "ann", "blue"});
    std::ignore = db.write(op::delete_message{room, sequence{3}, "ann"});
    CHECK(db.found("red").empty());
    CHECK(db.found("blue") == texts{"blue"});
    CHECK(db.found("white").empty());
  }
  check_sound(path);
}

SQLITE_TEST_CASE("retention leaves no word of a message that it removes from the tail") {
  TestType backend;
  auto config = backend.config();
  config.retention = {{.room_pattern = "*", .max_messages = 2}};
  {
    tailed db{config};
    const auto room = db.create("tea");
    db.say_all(room, {"green one", "green two", "green three"});
    REQUIRE_FALSE(db.writer().index_tail());
    db.say_all(room, {"green four", "green five", "green six"});
    while (db.writer().purge(now)) {
    }
    CHECK(db.found("green") == texts{"green six", "green five"});
    CHECK(in_index(config.path, "green") == "0");
    while (db.writer().index_tail()) {
    }
    CHECK(sorted(db.found("green")) == texts{"green five", "green six"});
    CHECK(in_index(config.path, "four") == "0");
    // A tail of which nothing is left.
    db.say_all(room, {"late one"});
    std::ignore = db.append(say(room, "ann", "a"));
    std::ignore = db.append(say(room, "ann", "b"));
    while (db.writer().purge(now)) {
    }
    while (db.writer().index_tail()) {
    }
    CHECK(db.writer().search_tail() == 0);
    CHECK(db.found("late").empty());
  }
  check_sound(config.path);
}

SQLITE_TEST_CASE("a crash leaves a tail, which is found, checked, and indexed later") {
  TestType before;
  sqlite_backend after; // gets a copy
  const auto path = after.config().path;
  {
    tailed db{before.config()};
    const auto room = db.create("tea");
    db.say_all(room, {"green", "black", "white"});
    REQUIRE_FALSE(db.writer().index_tail());
    db.say_all(room, {"green leaves", "red"});
    std::ignore = db.write(op::edit_message{room, sequence{1}, "ann", "blue"});
    copy_crashed(before.config().path, path);
  }
  check_sound(path);
  CHECK(in_index(path, "leaves") == "0"); // the check took nothing in
  {
    tailed db{after.config()};
    CHECK(db.writer().search_tail() == 2);
    CHECK(db.found("green") == texts{"green leaves"});
    CHECK(db.found("blue") == texts{"blue"});
    std::ignore = db.append(say(room_id{1}, "ann", "green again"));
    REQUIRE_FALSE(db.writer().index_tail());
    CHECK(in_index(path, "green") == "2");
  }
  check_sound(path);
}

SQLITE_TEST_CASE("a check finds what is wrong with an index that has a tail") {
  TestType before;
  sqlite_backend after; // gets a copy
  const auto path = after.config().path;
  {
    tailed db{before.config()};
    const auto room = db.create("tea");
    db.say_all(room, {"green", "black"});
    REQUIRE_FALSE(db.writer().index_tail());
    db.say_all(room, {"white"});
    copy_crashed(before.config().path, path);
  }
  REQUIRE(raw(path).run("UPDATE messages SET content = 'changed' WHERE seq = 1"));
  CHECK_FALSE(check_database(path)->findings.empty());
}

SQLITE_TEST_CASE("a store that is closed leaves no tail") {
  TestType backend;
  {
    tailed db{backend.config()};
    db.say_all(db.create("tea"), {"green"});
    CHECK(db.writer().search_tail() == 1);
  }
  CHECK(in_index(backend.config().path, "green") == "1");
  tailed db{backend.config()};
  CHECK(db.writer().search_tail() == 0);
}

SQLITE_TEST_CASE("a disk that is full keeps the tail, in which messages are found") {
  TestType backend;
  const auto config = backend.config();
  {
    exposed_writer db{config};
    sqlite_reader reader{config.path};
    const auto write = [&](write_op op) {
      return db.writer.commit(std::vector{std::move(op)}, now).front();
    };
    const auto room = std::get<room_record>(write(op::create_room{"tea"})).id;
    for (int i = 0; i < 500; ++i)
      std::ignore = write(say(room, "ann", "word" + std::to_string(i) + " and some more text"));
    db.pragma("max_page_count = 1"); // no page more than there are
    CHECK_FALSE(db.writer.index_tail());
    CHECK(db.writer.search_tail() == 500);
    CHECK(found_by(reader, {.text = "word7 "}) == texts{"word7 and some more text"});
    int stored = 0;
    for (int i = 0; i < 300; ++i) {
      const auto outcome = write(say(room, "ann", "more " + std::string(200, 'x')));
      if (std::holds_alternative<appended>(outcome))
        ++stored;
      else
        CHECK(failed_with(outcome, store_error::full));
    }
    CHECK(stored < 300);
    CHECK(db.writer.search_tail() == 500 + stored);
    CHECK(std::ssize(found_by(reader, {.text = "more", .limit = 1000})) == 500 + stored);
    db.pragma("max_page_count = 1000000");
    while (db.writer.index_tail()) {
    }
    CHECK(db.writer.search_tail() == 0);
    CHECK(found_by(reader, {.text = "word7 "}) == texts{"word7 and some more text"});
    CHECK(std::ssize(found_by(reader, {.text = "more", .limit = 1000})) == 500 + stored);
  }
  check_sound(config.path);
}

TEST_CASE("pages of a search go on from the tail into the index") {
  memory_backend backend;
  tailed db{backend.config()};
  const auto room = db.create("tea");
  db.say_all(room, {"green 1", "green 2", "green 3", "green 4", "green 5"});
  REQUIRE_FALSE(db.writer().index_tail());
  db.say_all(room, {"green 6", "green 7", "green 8"});
  for (const std::int64_t limit : {1, 2, 3, 4, 7, 8, 9}) {
    CAPTURE(limit);
    texts all;
    for (std::int64_t offset = 0;; offset += limit) {
      const auto page =
          db.unready->search({.room = room, .text = "green", .offset = offset, .limit = limit});
      REQUIRE(page);
      REQUIRE(std::ssize(page->hits) <= limit);
      for (const auto& hit : page->hits)
        all.push_back(hit.found.content);
      if (!page->has_more) break;
      REQUIRE(std::ssize(page->hits) == limit);
    }
    CHECK(texts(all.begin(), all.begin() + 3) == texts{"green 8", "green 7", "green 6"});
    CHECK(sorted(all) == texts{"green 1", "green 2", "green 3", "green 4", "green 5", "green 6",
                               "green 7", "green 8"});
  }
}

TEST_CASE("the tail shows no more than the viewer may see") {
  memory_backend backend;
  tailed db{backend.config()};
  const auto open = db.create("open");
  const auto secret =
      std::get<room_record>(db.write(op::create_room{"secret", "ann", true})).id;
  std::ignore = db.append(say(open, "ann", "green in the open"));
  std::ignore = db.append(say(open, "bob", "green of bob"));
  std::ignore = db.append(say(secret, "ann", "green in secret"));
  CHECK(db.writer().search_tail() == 3);
  const auto seen = [&](search_query query) {
    query.text = "green";
    return sorted(found_by(*db.unready, query));
  };
  const texts public_ones{"green in the open", "green of bob"};
  CHECK(seen({}) == public_ones);
  CHECK(seen({.viewer = {.user_id = "bob", .now = now}}) == public_ones);
  CHECK(seen({.viewer = {.user_id = "ann", .now = now}}).size() == 3);
  CHECK(seen({.viewer = {.now = now, .sees_all = true}}).size() == 3);
  CHECK(seen({.user_id = "bob"}) == texts{"green of bob"});
  CHECK(seen({.room = secret}) == texts{"green in secret"});
  CHECK(seen({.viewer = {.now = now, .sees_all = true, .patterns = texts{"sec*"}}}) ==
        texts{"green in secret"});
  CHECK(seen({.viewer = {.now = now, .patterns = texts{"sec*"}}}).empty());
}
