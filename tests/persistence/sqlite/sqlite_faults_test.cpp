// The state after a batch that failed, and after a process that died.
#include "persistence/sqlite/sqlite_reader.hpp"
#include "tests/persistence/sqlite/exposed_writer.hpp"
#include "tests/persistence/store_fixture.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <random>

using namespace hubbub;
using namespace hubbub::test;

namespace {

bool all_failed_with(const std::vector<write_outcome>& outcomes, store_error why) {
  for (const auto& outcome : outcomes)
    if (!failed_with(outcome, why)) return false;
  return !outcomes.empty();
}

std::vector<write_op> batch_of(room_id room, int messages, const std::string& content = "x") {
  std::vector<write_op> ops;
  for (int i = 0; i < messages; ++i)
    ops.emplace_back(say(room, "ann", content, std::to_string(i)));
  return ops;
}

} // namespace

TEST_CASE("a batch whose commit fails leaves nothing, and the next goes on without a hole") {
  sqlite_backend backend;
  exposed_writer faulty{backend.config()};
  sqlite_reader reader{backend.config().path};
  const std::vector<write_op> create{op::create_room{"tea"}};
  const auto room = std::get<room_record>(faulty.writer.commit(create, now)[0]).id;
  const auto before = faulty.writer.commit(batch_of(room, 3), now);
  const auto before_last = std::get<appended>(before.back()).stored;

  std::vector<write_op> mixed{say(room, "bob", "new", "b1"), say(room, "ann", "repeat", "0"),
                              op::create_room{"cake"}, say(room_id{9}, "bob", "no room")};
  SECTION("refused at the commit itself") {
    sqlite3_commit_hook(
        faulty.connection, [](void*) { return 1; }, nullptr);
    CHECK(all_failed_with(faulty.writer.commit(mixed, now), store_error::io));
    sqlite3_commit_hook(faulty.connection, nullptr, nullptr);
  }
  SECTION("refused at a write") {
    faulty.pragma("query_only = ON");
    CHECK(all_failed_with(faulty.writer.commit(mixed, now), store_error::io));
    faulty.pragma("query_only = OFF");
  }
  SECTION("the file may not grow") {
    mixed[0] = say(room, "bob", std::string(100'000, 'x'), "b1");
    faulty.pragma("max_page_count = 1"); // SQLite takes it for the present size
    CHECK(all_failed_with(faulty.writer.commit(mixed, now), store_error::full));
    faulty.pragma("max_page_count = 1000000");
  }

  CHECK(reader.find_room("cake").error() == store_error::no_such_room);
  CHECK(reader.find_room(room)->last_seq == before_last.seq);
  mixed[0] = say(room, "bob", "new", "b1");
  const auto after = faulty.writer.commit(mixed, now);
  const auto& next = std::get<appended>(after[0]);
  CHECK_FALSE(next.repeated);
  CHECK(next.stored.seq.value == before_last.seq.value + 1);
  CHECK(next.stored.rev.value == before_last.rev.value + 1);
  CHECK(next.stored.id.value == before_last.id.value + 1);
  CHECK(std::get<appended>(after[1]).repeated);
  CHECK(std::get<room_record>(after[2]).id.value == room.value + 1);
}

TEST_CASE("a batch waits for nobody for ever: another writer's lock fails it") {
  sqlite_backend backend;
  exposed_writer writer{backend.config()};
  const std::vector<write_op> create{op::create_room{"tea"}};
  std::ignore = writer.writer.commit(create, now);
  writer.pragma("busy_timeout = 0");
  auto tool = sqlite::database::open(backend.config().path, sqlite::access::read_write, 0);
  REQUIRE(tool);
  REQUIRE(tool->run("BEGIN IMMEDIATE"));
  CHECK(all_failed_with(writer.writer.commit(batch_of(room_id{1}, 2), now), store_error::io));
  CHECK_FALSE(writer.writer.purge(timestamp{now.value + 10 * window_ms}));
  REQUIRE(tool->run("ROLLBACK"));
  CHECK(std::get<appended>(writer.writer.commit(batch_of(room_id{1}, 1), now)[0]).stored.seq ==
        sequence{1});
}

TEST_CASE("a database that lost its counter takes no message rather than old numbers") {
  sqlite_backend backend;
  exposed_writer writer{backend.config()};
  const std::vector<write_op> create{op::create_room{"tea"}};
  std::ignore = writer.writer.commit(create, now);
  REQUIRE(sqlite3_exec(writer.connection, "DELETE FROM counters", nullptr, nullptr, nullptr) ==
          SQLITE_OK);
  CHECK(all_failed_with(writer.writer.commit(batch_of(room_id{1}, 2), now),
                        store_error::corrupt));
}

TEST_CASE("a process that dies before the commit leaves nothing of its batch") {
  sqlite_backend backend;
  const auto config = backend.config();
  const auto child = ::fork();
  if (child == 0) {
    exposed_writer writer{config};
    const std::vector<write_op> create{op::create_room{"tea"}};
    std::ignore = writer.writer.commit(create, now);
    std::ignore = writer.writer.commit(batch_of(room_id{1}, 3), now);
    sqlite3_commit_hook(
        writer.connection,
        [](void*) {
          ::_exit(42);
          return 0;
        },
        nullptr);
    // Larger than the page cache, so that pages of it are in the WAL already.
    std::ignore = writer.writer.commit(batch_of(room_id{1}, 5000, std::string(8000, 'y')), now);
    ::_exit(1);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  REQUIRE(WIFEXITED(status));
  REQUIRE(WEXITSTATUS(status) == 42);

  opened db{config};
  CHECK(seqs(db.log(room_id{1})) == std::vector<std::int64_t>{1, 2, 3});
  const auto next = db.append(say(room_id{1}, "ann", "next")).stored;
  CHECK(next.seq == sequence{4});
  CHECK(next.id == message_id{4});
}

TEST_CASE("what a batch answered is there after the process was killed") {
  std::mt19937 random{11};
  for (int round = 0; round < 5; ++round) {
    sqlite_backend backend;
    const auto config = backend.config();
    int acks[2];
    REQUIRE(::pipe(acks) == 0);
    const auto child = ::fork();
    if (child == 0) {
      exposed_writer writer{config};
      const std::vector<write_op> create{op::create_room{"tea"}};
      std::ignore = writer.writer.commit(create, now);
      for (int batch = 1;; ++batch) {
        std::vector<write_op> ops;
        for (int i = 0; i < batch % 7 + 1; ++i)
          ops.emplace_back(say(room_id{1}, "ann", "x"));
        const auto outcomes = writer.writer.commit(ops, now);
        const auto last = std::get<appended>(outcomes.back()).stored.seq.value;
        if (::write(acks[1], &last, sizeof last) != sizeof last) ::_exit(1);
      }
    }
    ::close(acks[1]);
    std::int64_t acked = 0;
    for (auto left = std::uniform_int_distribution{1, 60}(random); left > 0; --left)
      REQUIRE(::read(acks[0], &acked, sizeof acked) == sizeof acked);
    REQUIRE(::kill(child, SIGKILL) == 0);
    REQUIRE(::waitpid(child, nullptr, 0) == child);
    for (std::int64_t late = 0; ::read(acks[0], &late, sizeof late) == sizeof late;)
      acked = late;
    ::close(acks[0]);

    CAPTURE(round, acked);
    opened db{config};
    const auto log = db.log(room_id{1});
    CHECK(std::ssize(log) >= acked);
    for (std::size_t i = 0; i < log.size(); ++i) {
      REQUIRE(log[i].seq.value == static_cast<std::int64_t>(i) + 1);
      REQUIRE(log[i].id.value == static_cast<std::int64_t>(i) + 1);
    }
    CHECK(db.reader().find_room(room_id{1})->last_seq == log.back().seq);
  }
}
