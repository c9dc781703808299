// What every store must do: removing what has expired.
#include "persistence/sqlite/sqlite_retention.hpp"
#include "tests/persistence/store_fixture.hpp"

using namespace hubbub;
using namespace hubbub::test;

namespace {

store_config with_rules(store_config config, std::vector<retention_rule> rules) {
  config.retention = std::move(rules);
  return config;
}

constexpr std::int64_t a_year = 365LL * 24 * 60 * 60 * 1000;

timestamp after(std::int64_t ms) {
  return timestamp{now.value + ms};
}

int purge_all(opened& db, timestamp at) {
  int calls = 1;
  while (db.writer().purge(at))
    ++calls;
  return calls;
}

} // namespace

STORE_TEST_CASE("only the newest messages are kept where their number is bounded") {
  TestType backend;
  opened db{with_rules(backend.config(), {{.room_pattern = "tea", .max_messages = 10}})};
  const auto tea = db.create("tea");
  const auto cake = db.create("cake");
  db.fill(tea, 450);
  db.fill(cake, 450);

  CHECK(purge_all(db, now) > 4); // in small steps
  const auto kept = db.log(tea);
  REQUIRE(kept.size() == 10);
  CHECK(kept.front().seq == sequence{441});
  CHECK(db.log(cake).size() == 450);
  const auto record = db.reader().find_room(tea);
  CHECK(record->first_seq == sequence{441});
  CHECK(record->last_seq == sequence{450});
  CHECK(db.reader().find_room(cake)->first_seq == sequence{1});
  CHECK_FALSE(db.writer().purge(now));

  const auto next = db.append(say(tea, "ann", "next")).stored;
  CHECK(next.seq == sequence{451});
  CHECK(purge_all(db, now) >= 1);
  CHECK(db.log(tea).size() == 10);
}

TEST_CASE("of a user's messages nothing is left when they are gone") {
  sqlite_backend backend;
  {
    opened db{with_rules(backend.config(), {{.max_messages = 70}})};
    const auto tea = db.create("tea");
    for (int i = 1; i <= 300; ++i)
      std::ignore = db.append(say(tea, i < 200 && i % 9 == 0 ? "bob" : "ann", "x"));
    std::ignore = db.append(say(tea, "bob", "x"));
    purge_all(db, now);
    CHECK(db.page({.room = tea, .user_id = "bob"}).messages.size() == 1);
    CHECK(db.page({.room = tea, .limit = 100, .user_id = "ann"}).messages.size() == 69);
  }
  CHECK(raw(backend.config().path)
            .value("SELECT group_concat(user_id || block, ' ') FROM user_blocks") ==
        "ann3 ann4 bob4");
}

STORE_TEST_CASE("messages go when they are too old, the first rule that fits decides") {
  TestType backend;
  opened db{with_rules(backend.config(), {{.room_pattern = "archive*"},
                                          {.room_pattern = "short", .max_age_ms = 100},
                                          {.room_pattern = "*", .max_age_ms = 1000}})};
  const auto archive = db.create("archive-1");
  const auto brief = db.create("short");
  const auto other = db.create("other");
  for (const auto room : {archive, brief, other}) {
    std::ignore = db.append(say(room, "ann", "old"));
    std::ignore = db.append(say(room, "ann", "young"), after(500));
  }
  const auto counts = [&] {
    return std::vector{db.log(archive).size(), db.log(brief).size(), db.log(other).size()};
  };
  std::ignore = purge_all(db, after(100));
  CHECK(counts() == std::vector<std::size_t>{2, 2, 2});
  std::ignore = purge_all(db, after(101));
  CHECK(counts() == std::vector<std::size_t>{2, 1, 2});
  std::ignore = purge_all(db, after(1001));
  CHECK(counts() == std::vector<std::size_t>{2, 0, 1});
  const auto emptied = db.reader().find_room(brief);
  CHECK(emptied->first_seq == sequence{3});
  CHECK(emptied->last_seq == sequence{2});
  CHECK(emptied->last_message_at == after(500));
  CHECK(db.append(say(brief, "ann", "again"), after(1001)).stored.seq == sequence{3});
}

STORE_TEST_CASE("no id is used again, though retention removed the newest messages") {
  TestType backend;
  auto config = backend.config();
  config.retention = {{.room_pattern = "*", .max_age_ms = 1000}};
  message_id last;
  {
    opened db{config};
    const auto room = db.create("tea");
    last = db.append(say(room, "ann", "one")).stored.id;
    last = db.append(say(room, "ann", "two")).stored.id;
    std::ignore = purge_all(db, after(1001));
    REQUIRE(db.log(room).empty());
    const auto next = db.append(say(room, "ann", "three"), after(1001)).stored.id;
    CHECK(next > last);
    last = next;
    std::ignore = purge_all(db, after(3000));
    REQUIRE(db.log(room).empty());
  }
  if (config.path == ":memory:") return;
  opened db{config};
  CHECK(db.append(say(room_id{1}, "ann", "four"), after(3000)).stored.id > last);
}

STORE_TEST_CASE("no message is taken out of the middle when the clock was set back") {
  TestType backend;
  opened db{with_rules(backend.config(), {{.room_pattern = "*", .max_age_ms = 1000}})};
  const auto room = db.create("tea");
  std::ignore = db.append(say(room, "ann", "young by its time"), after(900));
  std::ignore = db.append(say(room, "ann", "of now"));
  std::ignore = db.append(say(room, "ann", "of 1970"), timestamp{1});
  std::ignore = purge_all(db, after(1900));
  CHECK(seqs(db.log(room)) == std::vector<std::int64_t>{1, 2, 3});
  std::ignore = purge_all(db, after(1901));
  CHECK(db.log(room).empty());
}

STORE_TEST_CASE("a message from ahead of the clock goes with the next one") {
  TestType backend;
  opened db{with_rules(backend.config(), {{.room_pattern = "*", .max_age_ms = 10'000}})};
  const auto room = db.create("tea");
  std::ignore = db.append(say(room, "ann", "of next year"), after(a_year));
  for (int i = 0; i < 5; ++i)
    std::ignore = db.append(say(room, "ann", "of now"), after(i));
  std::ignore = db.append(say(room, "ann", "of next year"), after(a_year));
  std::ignore = db.append(say(room, "ann", "of later"), after(100));
  std::ignore = purge_all(db, after(10'000));
  CHECK(db.log(room).size() == 8);
  std::ignore = purge_all(db, after(10'001));
  CHECK(seqs(db.log(room)) == std::vector<std::int64_t>{3, 4, 5, 6, 7, 8});
  std::ignore = purge_all(db, after(10'100));
  CHECK(seqs(db.log(room)) == std::vector<std::int64_t>{7, 8});
  std::ignore = purge_all(db, after(10'101));
  CHECK(db.log(room).empty());
  CHECK(db.reader().find_room(room)->first_seq == sequence{9});
}

STORE_TEST_CASE("of messages from ahead of the clock the last ones wait for what follows") {
  TestType backend;
  opened db{with_rules(backend.config(), {{.room_pattern = "*", .max_age_ms = 1000}})};
  const auto room = db.create("tea");
  std::vector<write_op> ops;
  for (int i = 0; i < 2500; ++i) // more than one step looks at
    ops.emplace_back(say(room, "ann", "of next year"));
  std::ignore = db.writer().commit(ops, after(a_year));
  std::ignore = purge_all(db, after(5000));
  CHECK(db.log(room).size() == 2500);

  std::ignore = db.append(say(room, "ann", "of now"), after(5000));
  std::ignore = purge_all(db, after(6000));
  CHECK(db.log(room).size() == 2501);
  CHECK(purge_all(db, after(6001)) > 25); // in small steps
  CHECK(db.log(room).empty());

  // If nothing follows, it stays until the clock gets there.
  std::ignore = db.append(say(room, "ann", "of next year"), after(a_year));
  std::ignore = purge_all(db, after(a_year + 1000));
  CHECK(db.log(room).size() == 1);
  std::ignore = purge_all(db, after(a_year + 1001));
  CHECK(db.log(room).empty());
}

TEST_CASE("an emptied room forgets how far its times were out of order") {
  sqlite_backend backend;
  {
    opened db{with_rules(backend.config(), {{.room_pattern = "*", .max_age_ms = 1000}})};
    const auto room = db.create("tea");
    std::ignore = db.append(say(room, "ann", "of next year"), after(a_year));
    std::ignore = db.append(say(room, "ann", "of now"));
    std::ignore = purge_all(db, after(1001));
    std::ignore = db.append(say(room, "ann", "of later"), after(1002));
    std::ignore = db.append(say(room, "ann", "of before"), after(1001));
    CHECK(seqs(db.page({.room = room, .from = after(1002)}).messages) ==
          std::vector<std::int64_t>{3});
    CHECK(seqs(db.page({.room = room, .until = after(1002)}).messages) ==
          std::vector<std::int64_t>{4});
  }
  CHECK(raw(backend.config().path).value("SELECT clock_back_ms FROM rooms") == "1");
}

STORE_TEST_CASE("a client_id from ahead of the clock is remembered for one window") {
  TestType backend;
  opened db{backend.config()};
  const auto room = db.create("tea");
  const auto first = db.append(say(room, "ann", "hello", "c1"), after(a_year)).stored;
  CHECK(db.append(say(room, "ann", "hello", "c1")).repeated);
  std::ignore = purge_all(db, now);
  const auto again = db.append(say(room, "ann", "hello", "c1"), after(window_ms));
  CHECK(again.repeated);
  CHECK(again.stored == first);
  std::ignore = purge_all(db, after(window_ms + 1));
  CHECK_FALSE(db.append(say(room, "ann", "hello", "c1"), after(window_ms + 1)).repeated);
}

STORE_TEST_CASE("what retention removed is no longer found, edited or deleted") {
  TestType backend;
  opened db{with_rules(backend.config(), {{.room_pattern = "*", .max_messages = 1}})};
  const auto room = db.create("tea");
  std::ignore = db.append(say(room, "ann", "green tea"));
  std::ignore = db.append(say(room, "ann", "deleted tea"));
  std::ignore = db.write(op::delete_message{room, sequence{2}, "ann"});
  std::ignore = db.append(say(room, "ann", "black tea"));
  std::ignore = purge_all(db, now);
  CHECK(db.reader().search({.room = room, .text = "tea"})->hits.size() == 1);
  CHECK(failed_with(db.write(op::edit_message{room, sequence{1}, "ann", "x"}),
                    store_error::no_such_message));
  CHECK(failed_with(db.write(op::delete_message{room, sequence{1}, "ann"}),
                    store_error::no_such_message));
}

STORE_TEST_CASE("a repeat is answered after retention removed its message") {
  TestType backend;
  opened db{with_rules(backend.config(), {{.room_pattern = "*", .max_messages = 1}})};
  const auto room = db.create("tea");
  const auto plain = db.append(say(room, "ann", "plain", "c1")).stored;
  std::ignore = db.append(say(room, "ann", "helo", "c2"));
  std::ignore = db.append(say(room, "ann", "oops", "c3"));
  const auto edited =
      std::get<changed>(db.write(op::edit_message{room, sequence{2}, "ann", "hello"})).now;
  const auto deleted =
      std::get<changed>(db.write(op::delete_message{room, sequence{3}, "ann"})).now;
  std::ignore = db.append(say(room, "ann", "last"));
  std::ignore = purge_all(db, now);
  REQUIRE(db.log(room).size() == 1);

  CHECK(db.append(say(room, "ann", "plain", "c1")).stored == plain);
  CHECK(db.append(say(room, "ann", "helo", "c2")).stored == edited);
  CHECK(db.append(only_repeat(say(room, "ann", "oops", "c3"))).stored == deleted);
  // Past its window it is gone, and the client_id may be used again.
  std::ignore = purge_all(db, after(window_ms + 1));
  CHECK_FALSE(db.append(say(room, "ann", "plain", "c1"), after(window_ms + 1)).repeated);
}

STORE_TEST_CASE("many rooms are looked after in turn") {
  TestType backend;
  opened db{with_rules(backend.config(), {{.room_pattern = "*", .max_messages = 1}})};
  std::vector<write_op> ops;
  for (int i = 1; i <= 1000; ++i) {
    ops.emplace_back(op::create_room{std::to_string(i)});
    ops.emplace_back(say(room_id{i}, "ann", "old"));
    ops.emplace_back(say(room_id{i}, "ann", "new"));
  }
  std::ignore = db.writer().commit(ops, now);
  std::ignore = purge_all(db, now);
  for (int i = 1; i <= 1000; ++i)
    REQUIRE(db.reader().find_room(room_id{i})->first_seq == sequence{2});
}
