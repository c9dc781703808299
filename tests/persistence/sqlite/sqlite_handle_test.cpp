#include "persistence/sqlite/sqlite_handle.hpp"
#include "tests/persistence/temporary_folder.hpp"
#include "tests/support/catch.hpp"

#include <sqlite3.h>

#include <cerrno>

using namespace hubbub;
using hubbub::test::temporary_folder;

TEST_CASE("SQLite's codes, plain and extended, map to store errors") {
  CHECK(sqlite::error_of(SQLITE_FULL) == store_error::full);
  CHECK(sqlite::error_of(SQLITE_CORRUPT) == store_error::corrupt);
  CHECK(sqlite::error_of(SQLITE_CORRUPT_INDEX) == store_error::corrupt);
  CHECK(sqlite::error_of(SQLITE_NOTADB) == store_error::corrupt);
  CHECK(sqlite::error_of(SQLITE_IOERR_WRITE, EIO) == store_error::io);
  CHECK(sqlite::error_of(SQLITE_IOERR_WRITE, EDQUOT) == store_error::full);
  CHECK(sqlite::error_of(SQLITE_IOERR_WRITE, EFBIG) == store_error::full);
  CHECK(sqlite::error_of(SQLITE_IOERR_FSYNC, ENOSPC) == store_error::full);
  CHECK(sqlite::error_of(SQLITE_READONLY) == store_error::io);
  CHECK(sqlite::error_of(SQLITE_BUSY) == store_error::io);
  // An errno left over from an earlier failure says nothing about other codes.
  CHECK(sqlite::error_of(SQLITE_BUSY, ENOSPC) == store_error::io);
}

TEST_CASE("values are bound in order and read by column") {
  temporary_folder folder;
  auto db = sqlite::database::open(folder.file("x.db"), sqlite::access::read_write, 0);
  REQUIRE(db);
  sqlite::statement echo{*db, "SELECT ?, ?, ?, ?"};
  const std::string with_nul{"a\0b", 3};
  const std::optional<std::string> none;
  for (int run = 0; run < 2; ++run) {
    auto result = echo.query(room_id{7}, with_nul, std::string_view{}, none);
    REQUIRE(result.next().value());
    CHECK(result.number<room_id>(0) == room_id{7});
    CHECK(result.text(1) == with_nul);
    CHECK_FALSE(result.is_null(2));
    CHECK(result.text(2).empty());
    CHECK(result.optional_text(3) == std::nullopt);
    CHECK_FALSE(result.next().value());
  }
}

TEST_CASE("a statement that cannot be prepared says so at each run and works once it can") {
  temporary_folder folder;
  auto db = sqlite::database::open(folder.file("x.db"), sqlite::access::read_write, 0);
  REQUIRE(db);
  sqlite::statement insert{*db, "INSERT INTO later VALUES (?)"};
  CHECK(insert.run(std::int64_t{1}).error() == store_error::io);
  CHECK(insert.prepare().error() == store_error::io);
  REQUIRE(db->run("CREATE TABLE later (n INTEGER)"));
  CHECK(insert.run(std::int64_t{1}));
  CHECK(insert.changes() == 1);
}

TEST_CASE("a transaction that is not committed is rolled back") {
  temporary_folder folder;
  auto db = sqlite::database::open(folder.file("x.db"), sqlite::access::read_write, 0);
  REQUIRE(db);
  REQUIRE(db->run("CREATE TABLE t (n INTEGER)"));
  {
    sqlite::transaction dropped{*db};
    REQUIRE(dropped.begin());
    REQUIRE(db->run("INSERT INTO t VALUES (1)"));
  }
  CHECK_FALSE(db->in_transaction());
  {
    sqlite::transaction kept{*db};
    REQUIRE(kept.begin());
    REQUIRE(db->run("INSERT INTO t VALUES (2)"));
    REQUIRE(kept.commit());
  }
  CHECK(db->value("SELECT group_concat(n) FROM t") == "2");
}
