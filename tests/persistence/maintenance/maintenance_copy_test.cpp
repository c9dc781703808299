// Backup and compaction.
#include "persistence/maintenance/maintenance.hpp"
#include "persistence/sqlite/sqlite_handle.hpp"
#include "persistence/sqlite/sqlite_migrations.hpp"
#include "tests/persistence/sqlite/fault_vfs.hpp"
#include "tests/persistence/store_fixture.hpp"

#include <sqlite3.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

using namespace hubbub;
using namespace hubbub::test;
using Catch::Matchers::Contains;

TEST_CASE("a backup is the database of one moment, while a server writes") {
  sqlite_backend backend;
  temporary_folder elsewhere;
  auto copy = backend.config();
  copy.path = elsewhere.file("copy.db");
  opened db{backend.config()};
  const auto room = db.create("tea");
  db.fill(room, 500);
  const auto log = db.log(room);
  REQUIRE(back_up_database(backend.config().path, copy.path));
  db.fill(room, 5);

  opened restored{copy};
  CHECK(restored.log(room) == log);
  CHECK(restored.whole().secret() == db.whole().secret());
  CHECK(restored.reader().search({.room = room, .text = "77"})->hits.size() == 1);
  CHECK(restored.append(say(room, "ann", "next")).stored.seq == sequence{501});
}

TEST_CASE("a backup replaces an older one, and leaves nothing else behind") {
  sqlite_backend backend;
  temporary_folder elsewhere;
  const auto target = elsewhere.file("copy.db");
  {
    opened db{backend.config()};
    std::ignore = db.create("tea");
    REQUIRE(back_up_database(backend.config().path, target));
    std::ignore = db.create("cake");
    std::ofstream{target + ".part"} << "left by a backup that was killed";
    REQUIRE(back_up_database(backend.config().path, target));
  }
  const std::filesystem::directory_iterator files{elsewhere.path()};
  CHECK(std::distance(begin(files), end(files)) == 1);
  auto copy = backend.config();
  copy.path = target;
  CHECK(opened{copy}.room_names("").size() == 2);
}

TEST_CASE("a backup may be read by those who may read the database") {
  sqlite_backend backend;
  const auto path = backend.config().path;
  { opened db{backend.config()}; }
  const auto target = backend.folder.file("backup.db");
  for (const auto rights : {std::filesystem::perms{0600}, std::filesystem::perms{0640},
                            std::filesystem::perms{0644}}) {
    std::filesystem::permissions(path, rights);
    const auto before = ::umask(0);
    const auto done = back_up_database(path, target);
    ::umask(before);
    REQUIRE(done);
    CHECK(std::filesystem::status(target).permissions() == rights);
  }
}

TEST_CASE("a backup that cannot be made says why and touches nothing") {
  sqlite_backend backend;
  const auto path = backend.config().path;
  CHECK_THAT(back_up_database(path, path + ".copy").error(), Contains("there is no database"));
  { opened db{backend.config()}; }
  CHECK_THAT(back_up_database(path, path).error(), Contains("the database itself"));
  CHECK_THAT(back_up_database(path, backend.folder.file("none/x")).error(),
             Contains("cannot write"));
  std::filesystem::create_directory(backend.folder.file("folder"));
  std::ofstream{backend.folder.file("folder/file")} << "x";
  CHECK_THAT(back_up_database(path, backend.folder.file("folder")).error(),
             Contains("cannot write"));
  CHECK_FALSE(std::filesystem::exists(backend.folder.file("folder.part")));
  CHECK_FALSE(std::filesystem::exists(path + ".copy"));
  CHECK(check_database(path)->findings.empty());
}

TEST_CASE("an older database is not served by tools that only read") {
  sqlite_backend backend;
  const auto path = backend.config().path;
  {
    auto old = sqlite::database::open(path, sqlite::access::read_write, 0);
    REQUIRE(sqlite::migrate(*old, sqlite::migrations().first(1)));
  }
  CHECK_THAT(back_up_database(path, path + ".copy").error(), Contains("older version"));
  CHECK_THAT(check_database(path).error(), Contains("older version"));
  CHECK(compact_database(path));
  CHECK(check_database(path)->findings.empty());
}

TEST_CASE("compaction gives back what retention left free and keeps all else") {
  sqlite_backend backend;
  auto config = backend.config();
  config.retention = {{.room_pattern = "*", .max_messages = 100}};
  std::vector<message> log;
  {
    opened db{config};
    const auto room = db.create("tea");
    db.fill(room, 5000);
    while (db.writer().purge(now)) {
    }
    log = db.log(room);
    CHECK_THAT(compact_database(config.path).error(), Contains("in use by another server"));
  }
  const auto sizes = compact_database(config.path);
  REQUIRE(sizes);
  CHECK(sizes->bytes_after < sizes->bytes_before / 2);
  CHECK(sizes->bytes_after == std::filesystem::file_size(config.path));
  CHECK(check_database(config.path)->findings.empty());
  opened db{config};
  CHECK(db.log(room_id{1}) == log);
  CHECK(db.append(say(room_id{1}, "ann", "next")).stored.seq == sequence{5001});
}

TEST_CASE("a compaction that fails leaves an older file with all its messages") {
  older_sqlite_backend older;
  const auto path = older.config().path;
  std::vector<message> log;
  {
    opened db{older.config()};
    std::ignore = db.create("tea");
    db.fill(first_room, 500);
    log = db.log(first_room);
  }
  const auto whole = path + ".whole";
  std::filesystem::copy_file(path, whole);
  int failures = 0;
  for (std::int64_t nth = 1;; ++nth) {
    std::filesystem::copy_file(whole, path, std::filesystem::copy_options::overwrite_existing);
    fault_vfs files;
    files.fail(file_call::write, nth, SQLITE_FULL, true);
    const auto done = compact_database(path);
    const bool has_failed = files.failed();
    files.heal();
    if (!done) CHECK_THAT(done.error(), Contains("full"));
    CHECK(check_database(path)->findings.empty());
    CHECK(raw(path).value("SELECT count(*) FROM sqlite_schema"
                          " WHERE name = 'messages_before'") == "0");
    opened db{older.config()};
    REQUIRE(db.log(first_room) == log);
    if (!has_failed) break;
    ++failures;
  }
  CHECK(failures > 10);
}

TEST_CASE("compaction puts the messages of an older file in the order of ids, and keeps all") {
  older_sqlite_backend older;
  const auto config = older.config();
  const auto sevens = [](opened& db) {
    return db.reader().search({.room = room_id{1}, .text = "seven"})->hits.size();
  };
  std::vector<message> green;
  std::vector<message> black;
  {
    opened db{config};
    const auto one = db.create("green");
    const auto other = db.create("black");
    for (int i = 0; i < 100; ++i) {
      db.fill(one, 3);
      db.fill(other, 2);
    }
    db.write(op::edit_message{
        .room = one, .seq = sequence{7}, .user_id = "ann", .content = "now seven"});
    db.write(op::delete_message{.room = other, .seq = sequence{6}, .user_id = "ann"});
    green = db.log(one);
    black = db.log(other);
    REQUIRE(sevens(db) == 1);
  }
  REQUIRE(compact_database(config.path));
  CHECK(raw(config.path)
            .value("SELECT count(*) FROM sqlite_schema"
                   " WHERE name IN ('messages_by_id', 'messages_before')") == "0");
  CHECK(check_database(config.path)->findings.empty());
  opened db{config};
  CHECK(db.log(room_id{1}) == green);
  CHECK(db.log(room_id{2}) == black);
  CHECK(sevens(db) == 1);
  CHECK(db.append(say(room_id{2}, "ann", "next")).stored.id == message_id{501});
}
