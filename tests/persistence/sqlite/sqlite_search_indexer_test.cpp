// Building a search index: by a cursor that follows the log, beside the index that answers.
#include "persistence/maintenance/maintenance.hpp"
#include "persistence/search/letters.hpp"
#include "persistence/sqlite/sqlite_migrations.hpp"
#include "persistence/sqlite/sqlite_search_indexer.hpp"
#include "persistence/sqlite/sqlite_search_tokenizer.hpp"
#include "tests/persistence/sqlite/exposed_writer.hpp"
#include "tests/persistence/store_fixture.hpp"

#include <limits>
#include <sstream>

using namespace hubbub;
using namespace hubbub::test;

namespace {

constexpr int before_search_indexes = 5; ///< the schema's version

/// Makes a database of an older schema, with this many messages in one room, whose words are in
/// the index of that version: all contain `green`, every tenth `中文`.
void make_old(const std::string& path, int messages) {
  auto old = raw(path);
  REQUIRE(sqlite::migrate(old, sqlite::migrations().first(before_search_indexes)));
  const auto count = std::to_string(messages);
  REQUIRE(old.run(
      "INSERT INTO rooms (name, created_at, last_seq, last_rev, last_message_at, latest_at)"
      " VALUES ('tea', 5, " +
      count + ", " + count +
      ", 100, 100);"
      "UPDATE counters SET value = " +
      count +
      ";"
      "WITH RECURSIVE n (seq) AS (SELECT 1 UNION ALL SELECT seq + 1 FROM n WHERE seq < " +
      count +
      ")"
      "INSERT INTO messages (room_id, seq, id, rev, user_id, username, content, created_at)"
      " SELECT 1, seq, seq, seq, 'ann', 'Ann',"
      " 'green tea ' || seq || iif(seq % 10 = 0, ' 测试中文搜索', ''), 100 FROM n;"
      "INSERT INTO search (rowid, content, scope) SELECT id, content, scope FROM searchable;"
      "INSERT OR IGNORE INTO user_blocks SELECT room_id, user_id, seq >> 6 FROM messages"));
}

std::size_t count_found(opened& db, const std::string& text) {
  const auto page = db.reader().search({.room = first_room, .text = text, .limit = 1000});
  REQUIRE(page);
  return page->hits.size();
}

/// Builds the index, step by step, and removes the old one.
int build(store_writer& writer) {
  int steps = 0;
  while (writer.purge(now))
    ++steps;
  return steps;
}

std::string answering_table(const std::string& path) {
  return raw(path).value("SELECT generation FROM search_indexes WHERE state = 1").value();
}

std::string tables_like(const std::string& path, const std::string& pattern) {
  return raw(path)
      .value("SELECT count(*) FROM sqlite_schema WHERE name LIKE '" + pattern + "'")
      .value();
}

void say_made_by_another(const std::string& path) {
  REQUIRE(raw(path).run("UPDATE search_indexes SET made_by = 'rules 0, ICU 1.0'"));
}

} // namespace

TEST_CASE("a new database is indexed by this program's tokenizer alone") {
  sqlite_backend backend;
  const auto path = backend.config().path;
  opened db{backend.config()};
  CHECK_FALSE(db.writer().searching().building);
  CHECK(tables_like(path, "search") == "0");
  CHECK(raw(path).value("SELECT made_by FROM search_indexes") == tokenizer_version());
  CHECK_FALSE(db.writer().purge(now));
}

TEST_CASE("a database of before is indexed anew while it is served") {
  sqlite_backend backend;
  const auto path = backend.config().path;
  make_old(path, 1000);
  {
    opened db{backend.config()};
    CHECK(db.writer().searching().building);
    CHECK(db.writer().searching().behind == 1000);
    CHECK(db.writer().searching().of == 1000);
    // Until then the old index answers, and follows what happens.
    CHECK(count_found(db, "green ") == 1000);
    CHECK(count_found(db, "中文") == 0);
    REQUIRE(db.writer().purge(now));
    const auto behind = db.writer().searching().behind;
    CHECK(behind < 1000);
    CHECK(behind > 0);
    std::ignore = db.append(say(first_room, "bob", "green leaves of 中文"));
    std::ignore = db.write(op::edit_message{first_room, sequence{1}, "ann", "red tea"});
    std::ignore = db.write(op::edit_message{first_room, sequence{999}, "ann", "white tea"});
    std::ignore = db.write(op::delete_message{first_room, sequence{2}, "ann"});
    std::ignore = db.write(op::delete_message{first_room, sequence{1000}, "ann"});
    CHECK(count_found(db, "green ") == 997);
    CHECK(count_found(db, "red ") == 1);
    CHECK(count_found(db, "leaves ") == 1);

    CHECK(build(db.writer()) > 5);
    CHECK_FALSE(db.writer().searching().building);
    CHECK(answering_table(path) == "1");
    CHECK(count_found(db, "green ") == 997);
    CHECK(count_found(db, "red ") == 1);
    CHECK(count_found(db, "white ") == 1);
    CHECK(count_found(db, "leaves ") == 1);
    CHECK(count_found(db, "中文") == 100); // one of a hundred is deleted, and one is new
    CHECK(tables_like(path, "search%") ==
          "3"); // `searchable`, `search_indexes`, `search_facts`
    std::ignore = db.append(say(first_room, "bob", "green again"));
    CHECK(count_found(db, "green ") == 998);
  }
  const auto report = check_database(path);
  REQUIRE(report);
  CHECK(report->findings.empty());
  CHECK(report->search_compared);
}

TEST_CASE("an index that is being made goes on after a restart") {
  sqlite_backend backend;
  const auto path = backend.config().path;
  make_old(path, 1000);
  std::int64_t behind = 0;
  {
    opened db{backend.config()};
    REQUIRE(db.writer().purge(now));
    behind = db.writer().searching().behind;
    CHECK(behind < 1000);
  }
  CHECK(check_database(path)->findings.empty());
  {
    opened db{backend.config()};
    CHECK(db.writer().searching().behind == behind);
    CHECK(count_found(db, "green ") == 1000);
    std::ignore = build(db.writer());
    CHECK(count_found(db, "中文") == 100);
  }
  CHECK(check_database(path)->findings.empty());
}

TEST_CASE("the migration writes as much for many messages as for few") {
  const auto pages_of_start = [](int messages) {
    sqlite_backend backend;
    make_old(backend.config().path, messages);
    exposed_writer db{backend.config()};
    int pages = 0;
    int unused = 0;
    REQUIRE(sqlite3_db_status(db.connection, SQLITE_DBSTATUS_CACHE_WRITE, &pages, &unused, 0) ==
            SQLITE_OK);
    return pages;
  };
  CHECK(pages_of_start(5'000) == pages_of_start(10));
}

TEST_CASE("another tokenizer's index answers until there is one by this one") {
  sqlite_backend backend;
  const auto path = backend.config().path;
  {
    opened db{backend.config()};
    REQUIRE(db.create("tea") == first_room);
    db.fill(first_room, 500);
  }
  say_made_by_another(path);
  {
    opened db{backend.config()};
    CHECK(db.writer().searching().behind == 500);
    CHECK(count_found(db, "499 ") == 1);
    std::ignore = build(db.writer());
    CHECK(answering_table(path) == "2");
    CHECK(tables_like(path, "words_1%") == "0");
    CHECK(count_found(db, "499 ") == 1);
  }
  CHECK(check_database(path)->findings.empty());
}

TEST_CASE("an index that another tokenizer left half made is given up") {
  sqlite_backend backend;
  const auto path = backend.config().path;
  make_old(path, 1000);
  {
    opened db{backend.config()};
    REQUIRE(db.writer().purge(now));
  }
  REQUIRE(raw(path).run("UPDATE search_indexes SET made_by = 'rules 0' WHERE state = 0"));
  {
    opened db{backend.config()};
    CHECK(db.writer().searching().behind == 1000);
    std::ignore = build(db.writer());
    CHECK(answering_table(path) == "2");
    CHECK(count_found(db, "中文") == 100);
    CHECK(raw(path).value("SELECT count(*) FROM search_indexes") == "1");
  }
  CHECK(check_database(path)->findings.empty());
}

TEST_CASE("retention and building share the writer") {
  sqlite_backend backend;
  auto config = backend.config();
  make_old(config.path, 2000);
  config.retention = {{.room_pattern = "*", .max_messages = 700}};
  {
    opened db{config};
    std::ignore = build(db.writer());
    CHECK(db.log(first_room).size() == 700);
    CHECK(count_found(db, "green ") == 700);
    CHECK(count_found(db, "中文") == 70);
  }
  CHECK(check_database(config.path)->findings.empty());
}

TEST_CASE("a disk too full for both keeps the old index") {
  sqlite_backend backend;
  const auto path = backend.config().path;
  make_old(path, 1000);
  auto db = open_database(backend.config()).value();
  sqlite_search_indexer indexer{db};
  REQUIRE(indexer.prepare());
  CHECK(indexer.step(1000) == false);
  CHECK(indexer.progress().building);
  CHECK(indexer.progress().disk_too_full);
  CHECK(indexer.progress().behind == 1000);
  CHECK(answering_table(path) == "0");
  constexpr auto plenty = std::numeric_limits<std::uint64_t>::max();
  CHECK(indexer.step(plenty) == true);
  CHECK_FALSE(indexer.progress().disk_too_full);
  while (indexer.step(plenty).value()) {
  }
  CHECK(answering_table(path) == "1");
}

TEST_CASE("a disk that fills up while an index is made keeps the old one") {
  sqlite_backend backend;
  const auto config = backend.config();
  make_old(config.path, 5000);
  exposed_writer db{config};
  const auto pages = std::stoll(raw(config.path).value("PRAGMA page_count").value());
  db.pragma("max_page_count = " + std::to_string(pages + 8));
  while (db.writer.purge(now)) {
  }
  CHECK(db.writer.searching().building);
  CHECK(db.writer.searching().disk_too_full);
  CHECK(answering_table(config.path) == "0");
  db.pragma("max_page_count = 1000000");
  CHECK(build(db.writer) > 5);
  CHECK_FALSE(db.writer.searching().building);
  CHECK(answering_table(config.path) == "1");
}

TEST_CASE("an import into a database that is being indexed is found") {
  sqlite_backend backend;
  const auto path = backend.config().path;
  make_old(path, 1000);
  {
    opened db{backend.config()};
    REQUIRE(db.writer().purge(now));
  }
  std::istringstream lines{
      R"({"user_id":"ann","username":"Ann","content":"a brought 机能","created_at":"2026-01-02T03:04:05Z"})"};
  const auto imported = import_room(path, "tea", [&]() -> std::optional<std::string> {
    std::string line;
    return std::getline(lines, line) ? std::optional{line} : std::nullopt;
  });
  if (!imported) FAIL(imported.error());
  {
    opened db{backend.config()};
    CHECK(count_found(db, "brought ") == 1);
    std::ignore = build(db.writer());
    CHECK(count_found(db, "brought ") == 1);
    CHECK(count_found(db, "机能") == 1);
  }
  CHECK(check_database(path)->findings.empty());
}

TEST_CASE("any program with SQLite reads the messages, without the search") {
  sqlite_backend backend;
  const auto path = backend.config().path;
  {
    opened db{backend.config()};
    REQUIRE(db.create("tea") == first_room);
    db.fill(first_room, 3);
  }
  auto tool = raw(path); // has none of our tokenizers
  CHECK(tool.value("SELECT count(*) FROM messages") == "3");
  CHECK(tool.value("PRAGMA integrity_check") == "ok");
  CHECK(tool.run("UPDATE messages SET username = 'x' WHERE seq = 1"));
  CHECK(tool.run("VACUUM"));
  CHECK_FALSE(tool.value("SELECT count(*) FROM words_1 WHERE words_1 MATCH '1'"));
  REQUIRE(add_search_tokenizer(tool));
  CHECK(tool.value("SELECT count(*) FROM words_1 WHERE words_1 MATCH '1'") == "1");
}
