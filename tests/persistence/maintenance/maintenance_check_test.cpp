#include "persistence/maintenance/maintenance.hpp"
#include "persistence/sqlite/sqlite_handle.hpp"
#include "tests/persistence/store_fixture.hpp"

#include <filesystem>
#include <fstream>

using namespace hubbub;
using namespace hubbub::test;
using Catch::Matchers::Contains;

namespace {

/// Stores some of everything.
void live(opened& db) {
  const auto tea = db.create("tea");
  std::ignore = db.create("empty");
  db.fill(tea, 20);
  std::ignore = db.append(say(tea, "ann", "first", "c1"));
  std::ignore = db.append(say(tea, "ann", "second", "c2"), timestamp{now.value - 500});
  std::ignore = db.write(op::edit_message{tea, sequence{3}, "ann", "edited"});
  std::ignore = db.write(op::delete_message{tea, sequence{4}, "ann"});
  std::ignore = db.write(op::mark_read{tea, "bob", sequence{9}});
  op::enter_recoverable entered;
  entered.session = recovery_id{5};
  entered.room = tea;
  std::ignore = db.write(entered);
  while (db.writer().purge(now)) {
  }
}

store_config with_retention(store_config config) {
  config.retention = {{.room_pattern = "*", .max_messages = 15}};
  return config;
}

check_report check(const std::string& path) {
  const auto report = check_database(path);
  if (!report) FAIL(report.error());
  return *report;
}

} // namespace

TEST_CASE("a sound database has no findings, served or not") {
  sqlite_backend backend;
  const auto config = with_retention(backend.config());
  {
    opened db{config};
    live(db);
    const auto report = check(config.path);
    CHECK(report.findings.empty());
    CHECK(report.messages == 15);
    CHECK_FALSE(report.search_compared);
  }
  const auto report = check(config.path);
  CHECK(report.findings.empty());
  CHECK(report.search_compared);
}

TEST_CASE("whatever is out of step is found") {
  struct harm {
    const char* script;
    const char* finding;
  };
  const auto [script, finding] = GENERATE(
      harm{"UPDATE counters SET value = 5", "the search knows a message 8 that is not there"},
      harm{"DELETE FROM counters", "there is no counter"},
      harm{"DELETE FROM messages WHERE seq = 12", "room 1 has no message between 11 and 13"},
      harm{"DELETE FROM messages WHERE seq = 8", "room 1 begins at 9, not at 8"},
      harm{"DELETE FROM messages WHERE seq = 20", "room 1 has no message between 19 and 21"},
      harm{"DELETE FROM rooms WHERE id = 1", "room 1 has messages but is not there"},
      harm{"UPDATE rooms SET last_seq = 50 WHERE id = 1", "room 1 ends at 22, not at 50"},
      harm{"UPDATE rooms SET last_seq = 50 WHERE id = 2", "room 2 is empty but says"},
      harm{"UPDATE rooms SET last_rev = 5 WHERE id = 1", "a rev above the room's last"},
      harm{"UPDATE rooms SET is_closed = 1 WHERE id = 2",
           "room 2 is closed, but was never closed"},
      harm{"UPDATE rooms SET clock_back_ms = 0", "times that its record does not know of"},
      harm{"UPDATE messages SET id = 1 WHERE seq = 12",
           "an id that is not above the one before"},
      harm{"UPDATE messages SET rev = 9 WHERE seq = 12", "a rev that is not above"},
      harm{"UPDATE messages SET created_at = -9223372036854775808 WHERE seq = 12",
           "times that its record does not know of"},
      harm{"UPDATE messages SET created_at = 9223372036854775807 WHERE seq = 12",
           "times that its record does not know of"},
      harm{"UPDATE messages SET seq = 9223372036854775807 WHERE seq = 22",
           "room 1 has no message between 21 and 9223372036854775807"},
      harm{"UPDATE messages SET seq = -9223372036854775808 WHERE seq = 12",
           "room 1 begins at -9223372036854775808, not at 8"},
      harm{"UPDATE messages SET deleted_at = 5 WHERE seq = 12",
           "content although it was deleted"},
      harm{"UPDATE dedupe SET seq = 1 WHERE client_id = 'c1'", "and no content"},
      harm{"UPDATE dedupe SET seq = 12 WHERE client_id = 'c1'", "which is another"},
      harm{"UPDATE read_markers SET seq = 23", "beyond its end"},
      harm{"DROP TRIGGER recoverable_gone; DELETE FROM recoverable", "is not known"},
      harm{"DELETE FROM secret", "the secret"},
      harm{"UPDATE secret SET bytes = x'00'", "the secret"},
      harm{"DELETE FROM user_blocks", "message 12 is not among those of its user"},
      harm{"INSERT INTO user_blocks VALUES (1, 'eve', 3)",
           "user 'eve' has no message in block 3 of room 1"},
      harm{"DELETE FROM words_1_docsize WHERE id = 12", "message 12 is not in the search"},
      harm{"INSERT INTO words_1_docsize VALUES (99, x'0101')",
           "a message 99 that is not there"},
      harm{"UPDATE messages SET content = 'other' WHERE seq = 12", "the search is not in step"},
      harm{"DELETE FROM counters WHERE name = 'search_cursor_1'", "has no cursor"},
      harm{"UPDATE search_indexes SET state = 2", "no search index that answers"});
  CAPTURE(script);
  sqlite_backend backend;
  const auto config = with_retention(backend.config());
  {
    opened db{config};
    live(db);
  }
  {
    auto db = sqlite::database::open(config.path, sqlite::access::read_write, 0);
    REQUIRE(db);
    REQUIRE(db->run(script));
  }
  const auto findings = check(config.path).findings;
  REQUIRE_FALSE(findings.empty());
  std::string all;
  for (const auto& each : findings)
    all += each + '\n';
  CHECK_THAT(all, Contains(finding));
}

TEST_CASE("damaged pages are found") {
  sqlite_backend backend;
  const auto path = backend.config().path;
  {
    opened db{backend.config()};
    db.fill(db.create("tea"), 2000);
  }
  {
    std::fstream file{path, std::ios::binary | std::ios::in | std::ios::out};
    file.seekp(static_cast<std::streamoff>(std::filesystem::file_size(path)) / 8192 * 4096);
    file << std::string(4096, '\x55');
  }
  const auto report = check_database(path);
  if (report) {
    REQUIRE_FALSE(report->findings.empty());
    CHECK_THAT(report->findings.front(), Contains("SQLite: "));
  } else {
    CHECK_THAT(report.error(), Contains("malformed"));
  }
}

TEST_CASE("what cannot be checked is refused with a sentence and left alone") {
  temporary_folder folder;
  const auto path = folder.file("x.db");
  CHECK_THAT(check_database(path).error(), Contains("there is no database"));
  CHECK(std::filesystem::is_empty(folder.path()));
  {
    auto db = sqlite::database::open(path, sqlite::access::read_write, 0);
    REQUIRE(db->run("CREATE TABLE recipes (name TEXT)"));
  }
  CHECK_THAT(check_database(path).error(), Contains("another program"));
}
