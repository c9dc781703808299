#include "persistence/maintenance/maintenance.hpp"
#include "persistence/sqlite/sqlite_migrations.hpp"
#include "tests/persistence/sqlite/exposed_writer.hpp"
#include "tests/persistence/store_fixture.hpp"

#include <array>
#include <fstream>

using namespace hubbub;
using namespace hubbub::test;
using hubbub::sqlite::migration_error;

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

TEST_CASE("a database of version 2 goes on with each word of a message in the search once") {
  sqlite_backend backend;
  const auto path = backend.config().path;
  {
    auto old = raw(path);
    REQUIRE(sqlite::migrate(old, sqlite::migrations().first(2)));
    REQUIRE(old.run("INSERT INTO rooms (name, created_at, last_seq, last_rev, last_message_at)"
                    " VALUES ('tea', 5, 1, 1, 100);"
                    "UPDATE counters SET value = 1;"
                    "INSERT INTO messages (room_id, seq, id, rev, user_id, username, content,"
                    " created_at) VALUES (1, 1, 1, 1, 'ann', 'Ann', 'green tea', 100)"));
  }
  {
    opened db{backend.config()};
    std::ignore = db.append(say(room_id{1}, "ann", "black tea"));
    CHECK(db.reader().search({.room = room_id{1}, .text = "tea"})->hits.size() == 2);
  }
  CHECK(check_database(path)->findings.empty());
}

TEST_CASE("a database of version 1 keeps its messages and learns to search them") {
  sqlite_backend backend;
  const auto path = backend.config().path;
  {
    auto old = raw(path);
    REQUIRE(sqlite::migrate(old, sqlite::migrations().first(1)));
    REQUIRE(old.run("INSERT INTO rooms (name, created_at, last_seq, last_rev, last_message_at)"
                    " VALUES ('tea', 5, 3, 3, 300), ('empty', 6, 0, 0, NULL);"
                    "UPDATE counters SET value = 3;"
                    "INSERT INTO messages (room_id, seq, id, rev, user_id, username, content,"
                    " client_id, created_at) VALUES"
                    " (1, 1, 1, 1, 'ann', 'Ann', 'green tea', 'c1', 100),"
                    " (1, 2, 2, 2, 'bob', 'Bob', 'black tea', NULL, 400),"
                    " (1, 3, 3, 3, 'ann', 'Ann', 'no coffee', NULL, 300);"
                    "INSERT INTO dedupe (room_id, user_id, client_id, seq, id, rev, username,"
                    " created_at) VALUES (1, 'ann', 'c1', 1, 1, 1, 'Ann', 100)"));
  }
  opened db{backend.config()};
  CHECK(seqs(db.log(room_id{1})) == std::vector<std::int64_t>{1, 2, 3});
  const auto record = db.reader().find_room(room_id{1});
  CHECK(record->first_seq == sequence{1});
  CHECK(record->last_seq == sequence{3});
  CHECK(db.reader().search({.room = room_id{1}, .text = "tea"})->hits.size() == 2);
  const auto repeat = db.append(say(room_id{1}, "ann", "again", "c1"), timestamp{200});
  CHECK(repeat.repeated);
  CHECK(repeat.stored.content == "green tea");
  CHECK(std::get<changed>(
            db.write(op::edit_message{room_id{1}, sequence{2}, "bob", "black coffee"}))
            .now.rev == revision{4});
  CHECK(db.reader().search({.room = std::nullopt, .text = "coffee"})->hits.size() == 2);
  // The clock was set back once; queries by time must not be misled by it.
  CHECK(seqs(db.page({.room = room_id{1}, .from = timestamp{350}}).messages) ==
        std::vector<std::int64_t>{2});
  CHECK(seqs(db.page({.room = room_id{1}, .until = timestamp{350}}).messages) ==
        std::vector<std::int64_t>{1, 3});
  CHECK(raw(path).value("SELECT latest_at || ' ' || clock_back_ms FROM rooms WHERE id = 1") ==
        "400 100");
}

TEST_CASE("a database of before the blocks finds each user's messages") {
  sqlite_backend backend;
  const auto path = backend.config().path;
  {
    auto old = raw(path);
    REQUIRE(sqlite::migrate(old, sqlite::migrations().first(4)));
    REQUIRE(old.run(
        "INSERT INTO rooms (name, created_at, last_seq, last_rev, last_message_at, latest_at)"
        " VALUES ('tea', 5, 200, 200, 100, 100); UPDATE counters SET value = 200;"
        "WITH RECURSIVE n (seq) AS (SELECT 1 UNION ALL SELECT seq + 1 FROM n WHERE seq < 200)"
        "INSERT INTO messages (room_id, seq, id, rev, user_id, username, content, created_at)"
        " SELECT 1, seq, seq, seq, iif(seq % 70 = 0, 'bob', 'ann'), 'x', 'tea', 100 FROM n;"
        "INSERT INTO search (rowid, content, scope) SELECT id, content, scope FROM "
        "searchable"));
  }
  {
    opened db{backend.config()};
    CHECK(seqs(db.page({.room = room_id{1}, .user_id = "bob"}).messages) ==
          std::vector<std::int64_t>{70, 140});
    CHECK(db.page({.room = room_id{1}, .limit = 1000, .user_id = "ann"}).messages.size() ==
          198);
  }
  CHECK(check_database(path)->findings.empty());
}

TEST_CASE("what a database of before offsets notes of acks is read for its sessions") {
  sqlite_backend backend;
  const auto path = backend.config().path;
  {
    auto old = raw(path);
    REQUIRE(sqlite::migrate(old, sqlite::migrations().first(5)));
    REQUIRE(old.run(
        "INSERT INTO rooms (name, created_at, last_seq, last_rev, last_message_at, latest_at)"
        " VALUES ('tea', 5, 4, 4, 100, 100); UPDATE counters SET value = 4;"
        "INSERT INTO messages (room_id, seq, id, rev, user_id, username, content, created_at,"
        " acked_to) VALUES (1, 1, 1, 1, 'ann', 'Ann', 'x', 100, 7),"
        " (1, 2, 2, 2, 'ann', 'Ann', 'x', 100, NULL), (1, 3, 3, 3, 'bob', 'Bob', 'x', 100, 8),"
        " (1, 4, 4, 4, 'ann', 'Ann', 'x', 100, 7);"
        "INSERT INTO recoverable (session, pid_hash, sid, user_id, username)"
        " VALUES (7, randomblob(32), 'sid', 'ann', 'Ann');"
        "INSERT INTO recoverable_rooms VALUES (7, 1, 0, 0)"));
  }
  opened db{backend.config()};
  const auto acked = [&](const message_range& range) {
    return *db.reader().acked_messages(recovery_id{7}, range);
  };
  CHECK(acked({.room = room_id{1}, .after = sequence{0}}) ==
        std::vector{sequence{1}, sequence{4}});
  CHECK(acked({.room = room_id{1}, .after = sequence{1}}) == std::vector{sequence{4}});
  CHECK(acked({.room = room_id{1}, .after = sequence{0}, .limit = 1}) ==
        std::vector{sequence{1}});
  const auto known = *db.reader().find_recoverable(recovery_id{7});
  CHECK(known->joined.size() == 1);
  CHECK(known->owed.empty());
  // From here on nothing is noted.
  std::ignore = db.append(say(room_id{1}, "ann", "new"));
  CHECK(acked({.room = room_id{1}, .after = sequence{4}}).empty());
}

TEST_CASE("a database of before private rooms keeps its rooms public and nobody's") {
  sqlite_backend backend;
  const auto path = backend.config().path;
  {
    auto old = raw(path);
    REQUIRE(sqlite::migrate(old, sqlite::migrations().first(3)));
    REQUIRE(old.run("INSERT INTO rooms (name, created_at) VALUES ('tea', 5)"));
  }
  opened db{backend.config()};
  const auto record = db.reader().find_room("tea");
  CHECK_FALSE(record->owner);
  CHECK_FALSE(record->is_private);
  CHECK(db.room_names("") == std::vector<std::string>{"tea"});
  CHECK(std::get<room_record>(db.write(op::change_room{record->id, true, "ann"})).owner ==
        "ann");
  CHECK(db.room_names("").empty());
}

TEST_CASE("a new file has its messages in the order of ids, an older one keeps its own") {
  constexpr auto has_index_of_ids =
      "SELECT count(*) FROM sqlite_schema WHERE name = 'messages_by_id'";
  constexpr auto rest = "SELECT group_concat(name) FROM (SELECT name FROM sqlite_schema"
                        " WHERE tbl_name = 'messages' AND sql IS NOT NULL ORDER BY name)";
  sqlite_backend fresh;
  older_sqlite_backend older;
  { opened db{fresh.config()}; }
  { opened db{older.config()}; }
  CHECK(raw(fresh.config().path).value(has_index_of_ids) == "0");
  CHECK(raw(older.config().path).value(has_index_of_ids) == "1");
  CHECK(raw(fresh.config().path).value(rest) ==
        "changed_messages,messages,messages_by_place,user_block_empty");
  CHECK(raw(older.config().path).value(rest) ==
        "changed_messages,messages,messages_by_id,user_block_empty");
}

SQLITE_TEST_CASE("no statement of the writer scans all messages, in either order") {
  TestType backend;
  exposed_writer exposed{backend.config()};
  const auto commit = [&](std::vector<write_op> ops) {
    std::ignore = exposed.writer.commit(ops, now);
  };
  commit({op::create_room{"tea"}, op::create_room{"cake"}});
  for (int i = 0; i < 50; ++i)
    commit(
        {say(first_room, "ann", "green", std::to_string(i)), say(room_id{2}, "bob", "black")});
  commit({op::edit_message{first_room, sequence{3}, "ann", "edited"},
          op::delete_message{first_room, sequence{4}, "ann"},
          op::mark_read{first_room, "bob", sequence{9}}, say(first_room, "ann", "x", "7")});
  while (exposed.writer.index_tail()) {
  }
  while (exposed.writer.purge(now)) {
  }
  int statements = 0;
  for (auto* each = sqlite3_next_stmt(exposed.connection, nullptr); each != nullptr;
       each = sqlite3_next_stmt(exposed.connection, each)) {
    const std::string sql = sqlite3_sql(each);
    if (sql.find("messages") == std::string::npos) continue;
    INFO(sql);
    CHECK(sqlite3_stmt_status(each, SQLITE_STMTSTATUS_FULLSCAN_STEP, 0) == 0);
    ++statements;
  }
  CHECK(statements > 8);
}
