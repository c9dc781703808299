#include "persistence/sqlite_migrations.hpp"
#include "tests/persistence/store_fixture.hpp"

#include <array>
#include <fstream>

using namespace hubbub;
using namespace hubbub::test;
using hubbub::sqlite::migration_error;

namespace {

sqlite::database raw(const std::string& path) {
  auto db = sqlite::database::open(path, sqlite::access::read_write, 0);
  REQUIRE(db);
  return *std::move(db);
}

} // namespace

TEST_CASE("an empty file becomes a database of the newest version") {
  sqlite_backend backend;
  std::ofstream{backend.config().path}.close();
  { opened db{backend.config()}; }
  auto db = raw(backend.config().path);
  CHECK(db.value("PRAGMA user_version") == std::to_string(sqlite::migrations().size()));
  CHECK(db.value("PRAGMA application_id") == std::to_string(sqlite::application_id));
  CHECK(db.value("PRAGMA integrity_check") == "ok");
}

TEST_CASE("scripts run in order, each once") {
  temporary_folder folder;
  auto db = raw(folder.file("x.db"));
  constexpr std::array<const char*, 3> scripts{"CREATE TABLE t (n INTEGER)",
                                               "INSERT INTO t VALUES (1)",
                                               "INSERT INTO t SELECT n + 1 FROM t"};
  REQUIRE(sqlite::migrate(db, std::span{scripts}.first(2)));
  CHECK(db.value("PRAGMA user_version") == "2");
  REQUIRE(sqlite::migrate(db, scripts));
  REQUIRE(sqlite::migrate(db, scripts));
  CHECK(db.value("PRAGMA user_version") == "3");
  CHECK(db.value("SELECT group_concat(n) FROM t") == "1,2");
}

TEST_CASE("a script that fails leaves the database as it was") {
  temporary_folder folder;
  auto db = raw(folder.file("x.db"));
  constexpr std::array<const char*, 3> scripts{"CREATE TABLE t (n INTEGER)",
                                               "INSERT INTO t VALUES (1)",
                                               "INSERT INTO nowhere VALUES (1)"};
  REQUIRE(sqlite::migrate(db, std::span{scripts}.first(1)));
  CHECK(sqlite::migrate(db, scripts).error() == migration_error::io);
  CHECK(db.value("PRAGMA user_version") == "1");
  CHECK(db.value("SELECT count(*) FROM t") == "0");
}

TEST_CASE("the origin of a database is told without writing to it") {
  temporary_folder folder;
  auto db = raw(folder.file("x.db"));
  CHECK(sqlite::check_origin(db, 1));
  REQUIRE(db.run("CREATE TABLE somebody_elses (n INTEGER)"));
  CHECK(sqlite::check_origin(db, 1).error() == migration_error::foreign);
  REQUIRE(db.run("PRAGMA application_id = " + std::to_string(sqlite::application_id)));
  CHECK(sqlite::check_origin(db, 1));
  REQUIRE(db.run("PRAGMA user_version = 2"));
  CHECK(sqlite::check_origin(db, 1).error() == migration_error::newer);
  CHECK(sqlite::check_origin(db, 2));
}

TEST_CASE("each refusal is one sentence that names the file") {
  for (const auto why :
       {migration_error::newer, migration_error::foreign, migration_error::full,
        migration_error::corrupt, migration_error::io}) {
    const auto sentence = sqlite::explain(why, "some.db", "detail");
    CHECK(sentence.find("some.db") != std::string::npos);
    CHECK(sentence.find('\n') == std::string::npos);
  }
}
