// What only a search in an index beside PostgreSQL must do: the contract of searches is tested
// in store_search_test.cpp.
#include "persistence/maintenance/maintenance.hpp"
#include "persistence/postgres/pg_connection.hpp"
#include "tests/persistence/store_fixture.hpp"
#include "tests/support/file_limit.hpp"

#include <algorithm>
#include <chrono>
#include <fstream>
#include <random>

using namespace hubbub;
using namespace hubbub::test;

namespace {

using words = std::vector<std::string>;

expected<words, store_error> try_find(opened& db, const std::string& text,
                                      std::int64_t limit = 10'000) {
  const auto page = db.reader().search(
      {.room = {}, .text = text, .limit = limit, .viewer = {.sees_all = true}});
  if (!page) return unexpected(page.error());
  words contents;
  for (const auto& hit : page->hits)
    contents.push_back(hit.found.content);
  std::ranges::sort(contents);
  return contents;
}

words find_sorted(opened& db, const std::string& text) {
  const auto contents = try_find(db, text);
  REQUIRE(contents);
  return *contents;
}

/// Feeds the index until it holds everything.
void feed(opened& db) {
  while (db.reader().feed_index()) {
  }
  REQUIRE(db.reader().index().is_complete);
}

/// A transaction of another program, which stays open.
class open_transaction {
 public:
  explicit open_transaction(const std::string& address)
      : connection_(*pg::connection::open(address, patience)) {
    run("BEGIN; SELECT pg_current_xact_id()");
  }
  void run(const std::string& script) { REQUIRE(connection_.run_script(script, patience)); }
  /// Inserts messages that hold `word`, numbered from `seq`.
  void insert(const std::string& word, int seq, int count) {
    run("INSERT INTO messages (room_id, seq, id, rev, user_id, username, content, created_at)"
        " SELECT 1, i, nextval('message_ids'), i, 'zoe', 'zoe', '" +
        word + " ' || i, 0 FROM generate_series(" + std::to_string(seq) + ", " +
        std::to_string(seq + count - 1) + ") i");
  }

 private:
  static constexpr std::chrono::seconds patience{20};
  pg::connection connection_;
};

} // namespace

TEST_CASE("postgres: a search finds what was stored just before, and an index stays") {
  postgres_backend backend;
  {
    opened db{backend.config()};
    const auto room = db.create("tea");
    for (const std::string each : {"one", "two", "three"}) {
      std::ignore = db.append(say(room, "ann", "number " + each));
      CHECK(find_sorted(db, each).size() == 1);
    }
    CHECK(db.reader().index().rebuilds == 1);
    CHECK(db.reader().index().is_complete);
  }
  opened db{backend.config()};
  CHECK(find_sorted(db, "number").size() == 3);
  CHECK(db.reader().index().rebuilds == 0);
  CHECK(db.reader().index().is_kept);
}

TEST_CASE("postgres: an index that is missing, damaged or another database's is built again") {
  postgres_backend backend;
  const auto path = backend.config().search_index;
  const auto fill = [&](const store_config& config, const std::string& word) {
    opened db{config};
    const auto room = db.create("tea");
    for (int i = 0; i < 1100; ++i) // more than one portion
      std::ignore = db.writer().commit(
          std::vector<write_op>{say(room, "ann", word + " " + std::to_string(i))}, now);
    feed(db);
    CHECK(find_sorted(db, word).size() == 1100);
  };
  fill(backend.config(), "tea");
  SECTION("missing") {
    for (const auto* beside : {"", "-wal", "-shm"})
      std::filesystem::remove(path + beside);
  }
  SECTION("damaged") {
    REQUIRE(raw(path).value("PRAGMA wal_checkpoint(TRUNCATE)"));
    std::fstream file{path, std::ios::binary | std::ios::in | std::ios::out};
    file.seekp(4096);
    file << std::string(40'000, '\xff');
  }
  SECTION("another database's") {
    postgres_backend other;
    auto config = other.config();
    config.search_index = path;
    fill(config, "coffee");
  }
  SECTION("of a state of the database that is gone") {
    REQUIRE(raw(path).run("UPDATE progress SET next = next + 1000000"));
  }
  opened db{backend.config()};
  // Damage may show at the first use.
  if (!try_find(db, "tea")) CHECK_FALSE(db.reader().index().is_usable);
  feed(db);
  CHECK(find_sorted(db, "tea").size() == 1100);
  CHECK(find_sorted(db, "coffee").empty());
  CHECK(db.reader().index().rebuilds == 1);
  CHECK(db.reader().index().is_usable);
}

TEST_CASE("postgres: damage of the index concerns searches alone, and only until the next") {
  postgres_backend backend;
  auto config = backend.config();
  std::vector<index_event> events;
  config.on_index = [&](const index_event& each) { events.push_back(each); };
  opened db{config};
  const auto room = db.create("tea");
  std::ignore = db.append(say(room, "ann", "green tea"));
  CHECK(find_sorted(db, "tea").size() == 1);
  REQUIRE(raw(config.search_index).run("DELETE FROM words_data"));
  CHECK(try_find(db, "tea").error() == store_error::no_index);
  CHECK_FALSE(db.reader().index().is_usable);
  std::ignore = db.append(say(room, "ann", "black tea"));
  CHECK(find_sorted(db, "tea") == words{"black tea", "green tea"});
  CHECK(db.reader().index().is_usable);
  CHECK(db.reader().index().rebuilds == 2);
  using what = index_event::what;
  std::vector<what> kinds;
  for (const auto& each : events)
    kinds.push_back(each.kind);
  CHECK(kinds == std::vector{what::begun, what::complete, what::unusable, what::begun,
                             what::usable, what::complete});
  CHECK(events[2].why == store_error::corrupt);
}

TEST_CASE("postgres: a disk that is too full for the index concerns searches alone") {
  postgres_backend backend;
  opened db{backend.config()};
  const auto room = db.create("tea");
  std::ignore = db.append(say(room, "ann", "green tea"));
  CHECK(find_sorted(db, "tea").size() == 1);
  {
    const file_limit full{1000};
    std::ignore = db.append(say(room, "ann", "black tea"));
    CHECK(try_find(db, "tea").error() == store_error::index_full);
    CHECK(db.reader().index().disk_too_full);
    CHECK_FALSE(db.reader().feed_index());
  }
  CHECK(find_sorted(db, "tea").size() == 2);
  CHECK_FALSE(db.reader().index().disk_too_full);
  CHECK(db.reader().index().rebuilds == 1);
}

TEST_CASE("postgres: a transaction that stays open holds up no search and loses nothing") {
  postgres_backend backend;
  std::optional<opened> db{backend.config()};
  const auto room = db->create("tea");
  open_transaction first{backend.config().path};
  open_transaction second{backend.config().path};
  first.insert("late", 5000, 2100); // more than two portions
  std::ignore = db->append(say(room, "ann", "early bird"));
  CHECK(find_sorted(*db, "early").size() == 1);
  CHECK(find_sorted(*db, "late").empty());
  second.insert("later", 9000, 3);
  std::ignore = db->append(say(room, "ann", "early riser"));
  CHECK(find_sorted(*db, "early").size() == 2);
  db.reset();
  db.emplace(backend.config()); // the cursor outlives the server
  CHECK(find_sorted(*db, "late").empty());
  first.run("COMMIT");
  CHECK(db->reader().feed_index()); // a part of it
  feed(*db);
  CHECK(find_sorted(*db, "late ").size() == 2100);
  CHECK(find_sorted(*db, "early").size() == 2);
  CHECK(find_sorted(*db, "later").empty());
  second.run("COMMIT");
  CHECK(find_sorted(*db, "later").size() == 3);
  CHECK(raw(backend.config().search_index).value("SELECT count(*) FROM running") == "0");
  CHECK(db->reader().index().rebuilds == 0);
}

TEST_CASE("postgres: a transaction that is rolled back leaves nothing behind") {
  postgres_backend backend;
  opened db{backend.config()};
  const auto room = db.create("tea");
  open_transaction undone{backend.config().path};
  undone.insert("gone", 500, 2);
  std::ignore = db.append(say(room, "ann", "tea"));
  CHECK(find_sorted(db, "tea").size() == 1);
  undone.run("ROLLBACK");
  std::ignore = db.append(say(room, "ann", "more tea"));
  CHECK(find_sorted(db, "tea").size() == 2);
  CHECK(find_sorted(db, "gone").empty());
  CHECK(raw(backend.config().search_index).value("SELECT count(*) FROM running") == "0");
}

TEST_CASE("postgres: in whatever order transactions begin and end, an index is as the log") {
  postgres_backend backend;
  const auto address = backend.config().path;
  std::optional<opened> db{backend.config()};
  const auto room = db->create("tea");
  std::mt19937 random{GENERATE(1U, 2U)};
  const auto below = [&](int bound) {
    return std::uniform_int_distribution{0, bound - 1}(random);
  };
  constexpr int clients = 4;
  std::vector<open_transaction> open;
  for (int i = 0; i < clients; ++i)
    open.emplace_back(address);
  const std::string next = "; BEGIN; SELECT pg_current_xact_id()";
  const auto text = [&] { return "'w" + std::to_string(below(1000)) + "'"; };
  int last = 0;
  for (int step = 0; step < 50; ++step) {
    const int who = below(clients);
    auto& client = open[static_cast<std::size_t>(who)];
    switch (below(7)) {
    case 0:
    case 1:
      last += clients; // each client has numbers of its own, so that nobody waits
      client.run("INSERT INTO messages (room_id, seq, id, rev, user_id, username, content,"
                 " created_at) VALUES (2, " +
                 std::to_string(last + who) + ", nextval('message_ids'), 1, 'u', 'u', " +
                 text() + ", 0)");
      break;
    case 2:
      client.run("UPDATE messages SET content = " + text() +
                 ", rev = rev + 1, xid = pg_current_xact_id() WHERE room_id = 2 AND seq = " +
                 std::to_string(clients * below(last / clients + 1) + who));
      break;
    case 3: client.run("COMMIT" + next); break;
    case 4: client.run("ROLLBACK" + next); break;
    case 5: std::ignore = db->append(say(room, "ann", "w" + std::to_string(step))); break;
    default:
      if (below(3) > 0) break;
      db.reset();
      db.emplace(backend.config());
    }
    feed(*db);
    REQUIRE(raw(backend.config().search_index)
                .value("SELECT coalesce(group_concat(id || ' ' || rev || ' ' || content), '')"
                       " FROM (SELECT * FROM entries ORDER BY id)") ==
            sql_value(address, "SELECT coalesce(string_agg(id || ' ' || rev || ' ' || content,"
                               " ',' ORDER BY id), '') FROM messages"));
  }
  CHECK(db->reader().index().rebuilds == 0);
}

TEST_CASE("postgres: a content is shown only as it is now") {
  postgres_backend backend;
  opened db{backend.config()};
  const auto room = db.create("tea");
  std::ignore = db.append(say(room, "ann", "green tea"));
  std::ignore = db.append(say(room, "ann", "green grass"));
  CHECK(find_sorted(db, "green").size() == 2);
  // The index is told of neither.
  run_sql(backend.config().path,
          "UPDATE messages SET content = 'secret', rev = 9 WHERE seq = 1;"
          " DELETE FROM messages WHERE seq = 2");
  CHECK(find_sorted(db, "green").empty());
}

TEST_CASE("postgres: the index forgets what retention removed") {
  postgres_backend backend;
  auto config = backend.config();
  config.retention = {{.room_pattern = "*", .max_age_ms = 0, .max_messages = 2}};
  opened db{config};
  const auto room = db.create("tea");
  const auto other = db.create("cake");
  std::ignore = db.append(say(other, "ann", "tea and cake"));
  for (int i = 0; i < 5; ++i)
    std::ignore = db.append(say(room, "ann", "tea " + std::to_string(i)));
  CHECK(find_sorted(db, "tea").size() == 6);
  while (db.writer().purge(now)) {
  }
  feed(db);
  CHECK(find_sorted(db, "tea") == words{"tea 3", "tea 4", "tea and cake"});
  CHECK(raw(config.search_index).value("SELECT count(*) FROM entries") == "3");
}

TEST_CASE("postgres: each node finds what the others wrote, in an index of its own") {
  postgres_backend backend;
  const auto node = [&](std::int64_t number) {
    auto config = backend.config();
    config.node_id = number;
    config.search_index = backend.folder.file("search-" + std::to_string(number) + ".db");
    return config;
  };
  opened one{node(1)};
  opened two{node(2)};
  const auto room = one.create("tea");
  std::ignore = one.append(say(room, "ann", "green tea"));
  CHECK(find_sorted(two, "tea") == words{"green tea"});
  std::ignore = two.write(op::edit_message{room, sequence{1}, "ann", "black tea"});
  CHECK(find_sorted(one, "green").empty());
  CHECK(find_sorted(one, "tea") == words{"black tea"});
}

TEST_CASE("postgres: a database of an older version is migrated and searched") {
  postgres_backend backend;
  {
    opened db{backend.config()};
    const auto room = db.create("tea");
    std::ignore = db.append(say(room, "ann", "green tea"));
  }
  run_sql(backend.config().path,
          "DROP INDEX private_rooms; DROP INDEX rooms_by_floor; DROP INDEX messages_by_xid;"
          "ALTER TABLE rooms DROP COLUMN floor_xid;"
          "CREATE INDEX messages_by_xid ON messages (xid);"
          "DROP TABLE room_orders, node_leases, run_members, taken_sessions, dismissed_users;"
          "DROP FUNCTION end_leases;"
          "DROP INDEX living_sessions; ALTER TABLE recoverable DROP COLUMN claims;"
          "ALTER TABLE rooms DROP COLUMN is_closed CASCADE, DROP COLUMN closings;"
          "ALTER TABLE recoverable_rooms DROP COLUMN closings;"
          "UPDATE settings SET version = 4");
  opened db{backend.config()};
  std::ignore = db.append(say(room_id{1}, "ann", "black tea"));
  CHECK(find_sorted(db, "tea") == words{"black tea", "green tea"});
}

TEST_CASE("postgres: what was copied and imported is found") {
  const sqlite_backend from;
  {
    opened db{from.config()};
    for (const std::string name : {"tea", "cake"})
      std::ignore = db.append(say(db.create(name), "ann", "green " + name));
  }
  postgres_backend backend;
  REQUIRE(copy_database(from.config().path, backend.config().path,
                        [](std::string_view, std::int64_t, std::int64_t) {}));
  {
    opened db{backend.config()};
    CHECK(find_sorted(db, "green") == words{"green cake", "green tea"});
  }
  std::vector<std::string> lines;
  REQUIRE(export_room(backend.config().path, std::string{"tea"}, [&](std::string_view line) {
    lines.emplace_back(line);
    return true;
  }));
  REQUIRE(import_room(backend.config().path, "more tea",
                      [&, i = std::size_t{0}]() mutable -> std::optional<std::string> {
                        if (i == lines.size()) return std::nullopt;
                        return lines[i++];
                      }));
  opened db{backend.config()};
  CHECK(find_sorted(db, "green") == words{"green cake", "green tea", "green tea"});
  CHECK(db.reader().index().rebuilds == 0);
}

/// Keeps a function of PostgreSQL from everybody but its superusers.
class kept_function {
 public:
  explicit kept_function(std::string name) : name_(std::move(name)) {
    run_sql(postgres_server::shared(), "REVOKE EXECUTE ON FUNCTION " + name_ + " FROM PUBLIC");
  }
  kept_function(const kept_function&) = delete;
  kept_function& operator=(const kept_function&) = delete;
  ~kept_function() {
    run_sql(postgres_server::shared(), "GRANT EXECUTE ON FUNCTION " + name_ + " TO PUBLIC");
  }

 private:
  std::string name_;
};

TEST_CASE("postgres: a search needs no rights but those of the owner") {
  postgres_backend backend;
  auto config = backend.config();
  const std::string superuser = "user=hubbub";
  const auto at = config.path.find(superuser);
  if (at == std::string::npos) return; // another server than the tests' own
  const auto schema = backend.schema.name();
  run_sql(postgres_server::shared(), "CREATE ROLE " + schema + " LOGIN; CREATE SCHEMA " +
                                         schema + " AUTHORIZATION " + schema);
  config.path.replace(at, superuser.size(), "user=" + schema);
  {
    const kept_function kept{"pg_control_system()"};
    opened db{config};
    std::ignore = db.append(say(db.create("tea"), "ann", "green tea"));
    CHECK(find_sorted(db, "tea") == words{"green tea"});
  }
  run_sql(postgres_server::shared(), "DROP SCHEMA " + schema + " CASCADE; DROP ROLE " + schema);
}

TEST_CASE("postgres: a server without a search keeps no index") {
  postgres_backend backend;
  auto config = backend.config();
  config.search = false;
  opened db{config};
  CHECK(try_find(db, "tea").error() == store_error::no_search);
  CHECK_FALSE(db.reader().feed_index());
  CHECK_FALSE(db.reader().index().is_kept);
  CHECK_FALSE(std::filesystem::exists(config.search_index));
}

TEST_CASE("postgres: an index that cannot be used is refused with a sentence") {
  postgres_backend backend;
  auto config = backend.config();
  std::string mentioned;
  std::optional<opened> first;
  postgres_backend other;
  SECTION("another server has it") {
    auto others = other.config();
    others.search_index = config.search_index;
    first.emplace(others);
    mentioned = "in use by another server";
  }
  SECTION("it is something else") {
    std::ofstream{config.search_index} << "a diary";
    mentioned = "is not a search index";
  }
  SECTION("there is no such folder") {
    config.search_index = "/no/such/folder/search.db";
    mentioned = "folder exists";
  }
  const auto refused = open_store(config);
  REQUIRE_FALSE(refused);
  INFO(refused.error());
  CHECK(refused.error().find(mentioned) != std::string::npos);
  CHECK(refused.error().find("search_index") != std::string::npos);
}
