#include "persistence/sqlite/sqlite_store.hpp"
#include "tests/persistence/store_fixture.hpp"

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

using namespace hubbub;
using namespace hubbub::test;
using Catch::Matchers::Contains;

namespace {

std::string content_of(const std::string& path) {
  std::ifstream file{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{file}, {}};
}

unsigned rights_of(const std::string& path) {
  struct stat found {};
  return ::stat(path.c_str(), &found) == 0 ? found.st_mode & 0777U : 0;
}

} // namespace

TEST_CASE("the words of a batch are written as one piece, with client_ids and edits in it") {
  sqlite_backend backend;
  opened db{backend.config()};
  const auto room = db.create("tea");
  std::vector<write_op> ops;
  for (int i = 0; i < 200; ++i)
    ops.emplace_back(say(room, "ann", "green tea", std::to_string(i)));
  std::ignore = db.writer().commit(ops, now);
  CHECK(raw(backend.config().path).value("SELECT count(DISTINCT segid) FROM words_1_idx") ==
        "1");

  const std::vector<write_op> mixed{
      say(room, "ann", "black tea"), op::edit_message{room, sequence{201}, "ann", "white tea"},
      op::edit_message{room, sequence{5}, "ann", "oolong"}, say(room, "ann", "black coffee"),
      op::delete_message{room, sequence{202}, "ann"}};
  std::ignore = db.writer().commit(mixed, now);
  const auto found = [&](const char* text) {
    return db.reader().search({.room = room, .text = text, .limit = 1000})->hits.size();
  };
  CHECK(found("green") == 199);
  CHECK(found("white") == 1);
  CHECK(found("oolong") == 1);
  CHECK(found("black") == 0);
}

TEST_CASE("the pieces that the words lie in stay few, however small the batches") {
  sqlite_backend backend;
  opened db{backend.config()};
  const auto room = db.create("tea");
  // FTS5 itself would merge at 64 of them.
  for (int i = 0; i < 190; ++i)
    std::ignore = db.append(say(room, "ann", "green tea " + std::to_string(i)));
  const auto pieces =
      raw(backend.config().path).value("SELECT count(DISTINCT segid) FROM words_1_idx");
  REQUIRE(pieces);
  CHECK(std::stoi(*pieces) < 48);
  CHECK(db.reader().search({.room = room, .text = "green", .limit = 1000})->hits.size() == 190);
}

TEST_CASE("what was written is there after reopening, and numbers go on") {
  sqlite_backend backend;
  room_id room;
  message last;
  {
    opened db{backend.config()};
    room = db.create("tea");
    db.fill(room, 5);
    last = db.append(say(room, "ann", "last", "c1")).stored;
  }
  opened db{backend.config()};
  CHECK(db.log(room).size() == 6);
  CHECK(db.log(room).back() == last);
  const auto repeat = db.append(say(room, "ann", "again", "c1"));
  CHECK(repeat.repeated);
  CHECK(repeat.stored == last);
  const auto next = db.append(say(room, "ann", "next")).stored;
  CHECK(next.seq.value == last.seq.value + 1);
  CHECK(next.rev.value == last.rev.value + 1);
  CHECK(next.id.value == last.id.value + 1);
  CHECK(db.create("cake").value == room.value + 1);
}

TEST_CASE("no number comes back after its rows were deleted") {
  sqlite_backend backend;
  {
    opened db{backend.config()};
    db.fill(db.create("tea"), 3);
    std::ignore = db.create("gone");
  }
  REQUIRE(raw(backend.config().path)
              .run("DELETE FROM messages; DELETE FROM rooms WHERE name = 'gone'"));
  opened db{backend.config()};
  const auto next = db.append(say(room_id{1}, "ann", "next")).stored;
  CHECK(next.seq == sequence{4});
  CHECK(next.rev == revision{4});
  CHECK(next.id == message_id{4});
  CHECK(db.create("new") == room_id{3});
}

TEST_CASE("a dedupe record answers for a message that was removed") {
  sqlite_backend backend;
  message first;
  {
    opened db{backend.config()};
    first = db.append(say(db.create("tea"), "ann", "hello", "c1")).stored;
  }
  REQUIRE(raw(backend.config().path)
              .run("UPDATE dedupe SET content = (SELECT content FROM messages);"
                   "DELETE FROM messages"));
  opened db{backend.config()};
  const auto repeat = db.append(say(first.room, "ann", "again", "c1"));
  CHECK(repeat.repeated);
  CHECK(repeat.stored == first);
}

TEST_CASE("the durability asked for is set on the writing connection") {
  sqlite_backend backend;
  auto config = backend.config();
  config.level = durability::full;
  {
    auto db = open_database(config);
    REQUIRE(db);
    CHECK(db->value("PRAGMA synchronous") == "2");
    CHECK(db->value("PRAGMA journal_mode") == "wal");
    CHECK(db->value("PRAGMA journal_size_limit") == "134217728");
    CHECK(db->value("PRAGMA busy_timeout") == "5000");
  }
  config.level = durability::normal;
  auto db = open_database(config);
  REQUIRE(db);
  CHECK(db->value("PRAGMA synchronous") == "1");
}

TEST_CASE("a second server on the same database is refused") {
  sqlite_backend backend;
  {
    opened first{backend.config()};
    CHECK_THAT(refusal(backend.config()), Contains("in use by another server"));
    SECTION("under another name of the file as well") {
      auto linked = backend.config();
      linked.path = backend.folder.file("link.db");
      std::filesystem::create_symlink(backend.config().path, linked.path);
      CHECK_THAT(refusal(linked), Contains("in use by another server"));
    }
    SECTION("after the database was opened and closed elsewhere in the process") {
      std::ignore = content_of(backend.config().path);
      CHECK_THAT(refusal(backend.config()), Contains("in use by another server"));
    }
  }
  CHECK(refusal(backend.config()) == "opened");
}

TEST_CASE("a database of a newer version is refused and left alone") {
  sqlite_backend backend;
  const auto path = backend.config().path;
  { opened db{backend.config()}; }
  REQUIRE(raw(path).run("PRAGMA user_version = 1000"));
  const auto before = content_of(path);
  CHECK_THAT(refusal(backend.config()), Contains("newer version of Hubbub"));
  CHECK(content_of(path) == before);
}

TEST_CASE("the database of another program is refused and left alone") {
  sqlite_backend backend;
  const auto path = backend.config().path;
  REQUIRE(raw(path).run("CREATE TABLE recipes (name TEXT)"));
  const auto before = content_of(path);
  CHECK_THAT(refusal(backend.config()), Contains("another program"));
  CHECK(content_of(path) == before);
}

TEST_CASE("what is no database is refused and left alone") {
  sqlite_backend backend;
  const auto path = backend.config().path;
  const auto garbage =
      GENERATE(as<std::string>{}, "hello, I am a diary", std::string(5000, 'z'),
               std::string(4096, '\0'), "SQLite format 3" + std::string(200, '\7'));
  std::ofstream{path, std::ios::binary} << garbage;
  CHECK_THAT(refusal(backend.config()), Contains("damaged or not a database"));
  CHECK(content_of(path) == garbage);
}

TEST_CASE("a damaged header or schema is refused") {
  sqlite_backend backend;
  const auto path = backend.config().path;
  { opened db{backend.config()}; }
  SECTION("a schema that cannot be read") {
    std::fstream file{path, std::ios::binary | std::ios::in | std::ios::out};
    file.seekp(100); // where the first page's own header begins
    file << std::string(3000, '\x55');
  }
  SECTION("a file cut short") {
    std::filesystem::resize_file(path, 1000);
  }
  SECTION("a table that is missing") {
    REQUIRE(raw(path).run("DROP TABLE dedupe"));
  }
  CHECK_THAT(refusal(backend.config()), Contains("damaged or not a database"));
}

TEST_CASE("a place where no database can be is refused with a sentence") {
  temporary_folder folder;
  store_config config;
  SECTION("a folder that does not exist") {
    config.path = folder.file("nowhere/hubbub.db");
    CHECK_THAT(refusal(config), Contains("No such file or directory"));
  }
  SECTION("a folder instead of a file") {
    config.path = folder.path().string();
    CHECK_THAT(refusal(config), Contains("is a folder: name a file in it"));
    CHECK_FALSE(std::filesystem::exists(config.path + ".lock"));
  }
  SECTION("a device") {
    config.path = "/dev/null";
    CHECK_THAT(refusal(config), Contains("is not a file"));
    CHECK_FALSE(std::filesystem::exists(config.path + ".lock"));
  }
  SECTION("a file of another kind") {
    config.path = folder.file("text");
    std::ofstream{config.path} << std::string(5000, 'x');
    CHECK_THAT(refusal(config), Contains("not a database"));
    CHECK_FALSE(std::filesystem::exists(config.path + ".lock"));
  }
  SECTION("a file as the folder") {
    std::ofstream{folder.file("plain")} << "x";
    config.path = folder.file("plain/hubbub.db");
    CHECK_THAT(refusal(config), Contains("Not a directory"));
  }
  SECTION("an empty path") {
    config.path = "";
    CHECK_THAT(refusal(config), Contains("empty path"));
  }
}

TEST_CASE("a new database and what lies beside it are for their owner alone") {
  sqlite_backend backend;
  const auto config = backend.config();
  const auto before = ::umask(0);
  const opened db{config};
  ::umask(before);
  for (const auto* beside : {"", "-wal", "-shm", ".lock"}) {
    INFO(beside);
    CHECK(rights_of(config.path + beside) == 0600U);
  }
}

TEST_CASE("a database that is there keeps its rights, and so do the files beside it") {
  sqlite_backend backend;
  const auto config = backend.config();
  { opened db{config}; }
  REQUIRE(::chmod(config.path.c_str(), 0640) == 0);
  const auto before = ::umask(0);
  const opened db{config};
  ::umask(before);
  for (const auto* each : {"", "-wal", "-shm"})
    CHECK(rights_of(config.path + each) == 0640U);
}

TEST_CASE("a symbolic link that leads nowhere becomes a database for its owner alone") {
  const temporary_folder folder;
  std::filesystem::create_symlink(folder.file("real.db"), folder.file("link.db"));
  store_config config;
  config.path = folder.file("link.db");
  const auto before = ::umask(0);
  const opened db{config};
  ::umask(before);
  CHECK(rights_of(folder.file("real.db")) == 0600U);
}

TEST_CASE("a database that may not be written is refused") {
  sqlite_backend backend;
  const auto config = backend.config();
  using std::filesystem::perms;
  constexpr auto read_only = perms::owner_read | perms::group_read | perms::others_read;
  constexpr auto search = perms::owner_exec | perms::group_exec | perms::others_exec;
  { opened db{config}; }
  SECTION("its folder") {
    std::filesystem::remove(config.path + ".lock");
    std::filesystem::permissions(backend.folder.path(), read_only | search);
  }
  SECTION("its file") {
    std::filesystem::permissions(backend.folder.path(), perms::all);
    std::filesystem::permissions(config.path + ".lock", perms::all);
    std::filesystem::permissions(config.path, read_only);
  }
  // Permissions do not restrict root, so the child runs as another user.
  const auto child = ::fork();
  if (child == 0) {
    if (::geteuid() == 0 && ::setuid(65534) != 0) ::_exit(2);
    const auto sentence = refusal(config);
    ::_exit(sentence.find("can be written") != std::string::npos ? 0 : 1);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  std::filesystem::permissions(backend.folder.path(), perms::owner_all);
  CHECK(status == 0);
}

TEST_CASE("a lock that somebody else holds on the database ends the start soon") {
  sqlite_backend backend;
  { opened db{backend.config()}; }
  auto tool = raw(backend.config().path);
  REQUIRE(tool.run("BEGIN IMMEDIATE"));
  CHECK_THAT(refusal(backend.config()), Contains("locked"));
}

TEST_CASE("a reader without its database answers io, and reads once it is there") {
  temporary_folder folder;
  sqlite_backend backend;
  opened db{backend.config()};
  const auto room = db.create("tea");
  const auto away = backend.folder.file("away");
  const auto late = db.whole().reader();
  std::filesystem::rename(backend.config().path, away);
  CHECK(late->find_room(room).error() == store_error::io);
  CHECK(late->list_rooms(room_id{0}, "", 1, {}).error() == store_error::io);
  std::filesystem::rename(away, backend.config().path);
  CHECK(late->find_room(room)->name == "tea");
}

TEST_CASE("what a server that died left of its sessions has ended when the next one starts") {
  sqlite_backend backend;
  const recovery_id session{5};
  {
    opened db{backend.config()};
    op::enter_recoverable op;
    op.session = session;
    op.pid_hash.fill(0xab);
    op.room = db.create("tea");
    std::ignore = db.write(op);
    CHECK_FALSE((*db.reader().find_recoverable(session))->ended_at);
  }
  opened db{backend.config()};
  const auto known = *db.reader().find_recoverable(session);
  REQUIRE(known);
  CHECK(known->ended_at > now); // by the system's clock
  CHECK(known->joined.size() == 1);
}

TEST_CASE("the secret is the database's own and stays") {
  sqlite_backend first;
  sqlite_backend second;
  const auto secret_of = [](const store_config& config) {
    return opened{config}.whole().secret();
  };
  const auto secret = secret_of(first.config());
  CHECK(secret == secret_of(first.config()));
  CHECK(secret != secret_of(second.config()));
  CHECK(secret != secret_of(memory_backend{}.config()));
  CHECK(secret != std::array<std::uint8_t, 16>{});
}

TEST_CASE("a writer that was told of damage writes nothing more") {
  sqlite_backend backend;
  opened db{backend.config()};
  const auto room = db.create("tea");
  db.writer().stop_writing();
  CHECK(failed_with(db.write(say(room, "ann", "x")), store_error::corrupt));
  CHECK_FALSE(db.writer().purge(now));
  CHECK(db.log(room).empty());
}

TEST_CASE("stores in memory know nothing of each other") {
  opened first{memory_backend{}.config()};
  opened second{memory_backend{}.config()};
  std::ignore = first.create("tea");
  CHECK(first.whole().single_threaded());
  CHECK(second.reader().find_room("tea").error() == store_error::no_such_room);
}

TEST_CASE("a database is looked at without a change, also while a server uses it") {
  sqlite_backend backend;
  const auto path = backend.config().path;
  const auto nothing = look_at_store(backend.config());
  REQUIRE(nothing);
  CHECK(nothing->there == 0);
  CHECK_FALSE(std::filesystem::exists(path));

  opened db{backend.config()};
  const auto found = look_at_store(backend.config());
  REQUIRE(found);
  CHECK(found->there == found->needed);
  CHECK(found->needed > 0);

  std::ignore = raw(path).value("PRAGMA user_version = 3");
  const auto older = look_at_store(backend.config());
  REQUIRE(older);
  CHECK(older->there == 3);
  std::ignore = raw(path).value("PRAGMA user_version = 9999");
  const auto newer = look_at_store(backend.config());
  REQUIRE_FALSE(newer);
  CHECK_THAT(newer.error(), Contains("was written by a newer version"));
  std::ignore = raw(path).value("PRAGMA application_id = 5");
  CHECK_FALSE(look_at_store(backend.config()));
}
