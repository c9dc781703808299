#include "persistence/sqlite/sqlite_gathered_log.hpp"
#include "persistence/sqlite/sqlite_handle.hpp"
#include "tests/persistence/sqlite/fault_vfs.hpp"
#include "tests/persistence/temporary_folder.hpp"
#include "tests/support/catch.hpp"

#include <sqlite3.h>

#include <array>
#include <filesystem>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <utility>

using namespace hubbub;
using namespace hubbub::test;

namespace {

/// A connection whose frames are gathered, to a database with one table.
sqlite::database gathering(const std::string& path, const std::string& more = "") {
  auto db = sqlite::database::open(path, sqlite::access::read_write, 0);
  REQUIRE(db);
  REQUIRE(db->value("PRAGMA journal_mode = WAL").value() == "wal");
  REQUIRE(db->run("PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 0;" + more +
                  "CREATE TABLE IF NOT EXISTS t (k INTEGER PRIMARY KEY, v TEXT NOT NULL)"));
  return *std::move(db);
}

/// Another program's connection: SQLite's own file layer, or the one that replaces it in a
/// test.
sqlite::database stranger(const std::string& path) {
  auto db = sqlite::database::open(path, sqlite::access::read_only, 0);
  REQUIRE(db);
  return *std::move(db);
}

std::string put(int key, char letter, int size) {
  return "INSERT OR REPLACE INTO t VALUES (" + std::to_string(key) + ", '" +
         std::string(static_cast<std::size_t>(size), letter) + "')";
}

/// Puts a row of a page each.
std::string put_many(int count, char letter) {
  std::string script = "BEGIN IMMEDIATE";
  for (int i = 0; i < count; ++i)
    script += ";" + put(i, letter, 3'000);
  return script;
}

std::string sum_of(sqlite::database& db) {
  return db.value("SELECT group_concat(k || substr(v, 1, 1) || length(v)) FROM t").value();
}

/// Has another connection commit, and then this one, which may hold what it has rolled back.
void check_that_nothing_is_overwritten(sqlite::database& db, const std::string& path) {
  constexpr auto count = "SELECT count(*) FROM t WHERE v LIKE 'c%'";
  auto next = gathering(path);
  REQUIRE(next.run(put_many(200, 'c') + "; COMMIT"));
  REQUIRE(db.run(put(2, 'd', 10)));
  CHECK(next.value(count).value() == "199");
  CHECK(db.value(count).value() == "199");
  CHECK(stranger(path).value("PRAGMA integrity_check").value() == "ok");
}

} // namespace

TEST_CASE("a commit of many pages is one write for each 128 KiB of them") {
  temporary_folder folder;
  fault_vfs files;
  const auto path = folder.file("x.db");
  auto db = gathering(path);
  REQUIRE(db.run(put_many(100, 'a') + "; COMMIT"));
  const auto log = std::filesystem::file_size(path + "-wal");

  const auto before = files.count(file_call::write);
  REQUIRE(db.run(put_many(100, 'b') + "; COMMIT"));
  const auto written = std::filesystem::file_size(path + "-wal") - log;
  CHECK(written > 100 * 4096);
  CHECK(files.count(file_call::write) - before ==
        static_cast<std::int64_t>(written / (31 * 4120)) + 1);

  // A small one is a single write.
  const auto then = files.count(file_call::write);
  REQUIRE(db.run(put(1, 'c', 10)));
  CHECK(files.count(file_call::write) - then == 1);
}

TEST_CASE("other connections see a commit as soon as it is done, whatever is synced") {
  temporary_folder folder;
  const auto path = folder.file("x.db");
  auto db =
      gathering(path, GENERATE("PRAGMA synchronous = OFF;", "", "PRAGMA synchronous = FULL;"));
  auto other = stranger(path);
  for (int i = 0; i < 50; ++i) {
    REQUIRE(db.run(put(i, 'a', 10 + i * 200)));
    CHECK(other.value("SELECT max(k) || ' ' || count(*) FROM t").value() ==
          std::to_string(i) + " " + std::to_string(i + 1));
  }
  CHECK(other.value("PRAGMA integrity_check").value() == "ok");
}

TEST_CASE(
    "what a rolled-back transaction has written early does not overwrite the next one's") {
  temporary_folder folder;
  const auto path = folder.file("x.db");
  // So small a cache that pages are written long before the commit.
  auto db = gathering(path, "PRAGMA cache_size = 5;");
  REQUIRE(db.run(put(1, 'a', 10)));
  // Nothing is read from the WAL meanwhile, which would have it written.
  REQUIRE(db.value("PRAGMA wal_checkpoint(RESTART)"));
  const auto pages = GENERATE(7, 8, 9, 40, 41, 42, 100);
  REQUIRE(db.run(put_many(pages, 'b') + "; ROLLBACK"));

  check_that_nothing_is_overwritten(db, path);
}

TEST_CASE("a commit whose pages cannot be written fails, and the next one succeeds") {
  temporary_folder folder;
  fault_vfs files;
  const auto path = folder.file("x.db");
  auto db = gathering(path);
  REQUIRE(db.run(put(500, 'a', 10)));
  const auto nth = GENERATE(1, 2, 3);
  files.fail(file_call::write, nth, SQLITE_FULL, false);
  CHECK(db.run(put_many(100, 'b') + "; COMMIT").error() == store_error::full);
  CHECK(files.failed());
  CHECK(db.run("ROLLBACK").has_value() == false); // SQLite has done so
  CHECK(sum_of(db) == "500a10");
  REQUIRE(db.run(put(501, 'c', 10)));
  auto other = stranger(path);
  CHECK(sum_of(other) == "500a10,501c10");
  CHECK(other.value("PRAGMA integrity_check").value() == "ok");
}

TEST_CASE("a transaction whose early pages were lost by a read cannot be committed") {
  temporary_folder folder;
  fault_vfs files;
  const auto path = folder.file("x.db");
  auto db = gathering(path, "PRAGMA cache_size = 8;");
  // Without UNIQUE, SQLite would give up the transaction when this statement fails.
  REQUIRE(db.run("CREATE TABLE u (k INTEGER PRIMARY KEY, v TEXT UNIQUE);"
                 "INSERT INTO u VALUES (1, 'q');" +
                 put_many(300, 'a') + "; COMMIT"));
  REQUIRE(db.value("PRAGMA wal_checkpoint(RESTART)"));
  const auto before = sum_of(db);

  REQUIRE(db.run(put_many(40, 'b')));
  files.fail(file_call::write, 1, SQLITE_FULL, false);
  CHECK(db.run("UPDATE u SET v = (SELECT substr(v, 1, 1) FROM t WHERE k = 3) || k WHERE k > 0")
            .error() == store_error::full);
  CHECK(files.failed());
  CHECK_FALSE(db.run("COMMIT"));
  if (db.in_transaction()) CHECK(db.run("ROLLBACK"));
  CHECK(sum_of(db) == before);
  REQUIRE(db.run(put(501, 'c', 10)));
  auto other = stranger(path);
  CHECK(sum_of(other) == before + ",501c10");
  CHECK(other.value("PRAGMA integrity_check").value() == "ok");
}

TEST_CASE(
    "a connection that has had the file to itself overwrites nobody's commit afterwards") {
  temporary_folder folder;
  const auto path = folder.file("x.db");
  auto db = gathering(path, "PRAGMA cache_size = 5;");
  REQUIRE(db.run(put_many(60, 'a') + "; COMMIT"));
  REQUIRE(db.value("PRAGMA wal_checkpoint(TRUNCATE)"));
  REQUIRE(db.run("PRAGMA locking_mode = EXCLUSIVE;" + put(1, 'a', 3'000)));
  REQUIRE(db.run(put_many(41, 'b') + "; ROLLBACK"));
  // It gives up the file after its next access.
  REQUIRE(db.run("PRAGMA locking_mode = NORMAL; BEGIN; SELECT 1 FROM sqlite_master; COMMIT"));

  check_that_nothing_is_overwritten(db, path);
}

TEST_CASE("the layer stands above SQLite's own files alone, and is nobody's default") {
  auto* own = sqlite3_vfs_find(nullptr);
  const std::string usual = sqlite::gathering_vfs();
  CHECK(sqlite::gathering_vfs() == usual);

  sqlite3_vfs host = *own; // of a program that embeds the server
  host.zName = "host";
  sqlite3_vfs_register(&host, 1);
  const auto* above = sqlite::gathering_vfs();
  REQUIRE(above != nullptr);
  CHECK(above != usual);
  sqlite3_vfs_unregister(&host);
  CHECK(sqlite3_vfs_find(nullptr) == own);
  CHECK(sqlite::gathering_vfs() == usual);

  sqlite3_vfs same = *own; // another one of the same name
  same.zName = "host";
  sqlite3_vfs_register(&same, 1);
  CHECK(std::string{sqlite::gathering_vfs()} != above);
  sqlite3_vfs_unregister(&same);

  host.xDelete = [](sqlite3_vfs*, const char*, int) { return SQLITE_IOERR; };
  sqlite3_vfs_register(&host, 1);
  CHECK(sqlite::gathering_vfs() == nullptr);
  sqlite3_vfs_unregister(&host);
  CHECK(sqlite3_vfs_find(nullptr) == own);
}

TEST_CASE("random transactions of two writers are what every reader and a restart see") {
  temporary_folder folder;
  const auto path = folder.file("x.db");
  const unsigned seed = GENERATE(range(0U, 40U));
  INFO("seed " << seed);
  std::mt19937 random{seed};
  const auto dice = [&](int sides) {
    return static_cast<int>(random() % static_cast<unsigned>(sides));
  };
  const std::string small = "PRAGMA cache_size = " + std::to_string(3 + dice(20)) + ";";
  std::array writers{gathering(path, small), gathering(path, dice(2) == 0 ? small : "")};
  std::optional reader{stranger(path)};

  std::map<int, std::pair<char, int>> rows; // what was committed
  const auto expect = [&](sqlite::database& db) {
    std::string all;
    for (const auto& [key, value] : rows)
      all += (all.empty() ? "" : ",") + std::to_string(key) + value.first +
             std::to_string(value.second);
    REQUIRE(sum_of(db) == all);
  };
  for (int turn = 0; turn < 40; ++turn) {
    INFO("turn " << turn);
    auto& db = writers.at(static_cast<std::size_t>(dice(2)));
    auto after = rows;
    REQUIRE(db.run("BEGIN IMMEDIATE"));
    for (int left = dice(60); left > 0; --left) {
      const int key = dice(80);
      const auto letter = static_cast<char>('a' + dice(26));
      const int size = dice(10) == 0 ? 9'000 : 1 + dice(1'500);
      REQUIRE(db.run(put(key, letter, size)));
      after[key] = {letter, size};
    }
    const bool stays = dice(4) != 0;
    REQUIRE(db.run(stays ? "COMMIT" : "ROLLBACK"));
    if (stays) rows = std::move(after);
    expect(*reader);
    if (dice(10) == 0) REQUIRE(db.value("PRAGMA wal_checkpoint(RESTART)"));
    if (dice(10) == 0) reader.emplace(stranger(path));
  }
  // What a process that is killed now leaves behind.
  const auto copy = folder.file("copy.db");
  std::filesystem::copy_file(path, copy);
  std::filesystem::copy_file(path + "-wal", copy + "-wal");
  auto found = gathering(copy);
  expect(found);
  CHECK(found.value("PRAGMA integrity_check").value() == "ok");
}
