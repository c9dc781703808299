// The WAL stays short, whoever reads.
#include "persistence/sqlite_reader.hpp"
#include "persistence/sqlite_store.hpp"
#include "persistence/sqlite_wal.hpp"
#include "tests/persistence/store_fixture.hpp"

#include <array>
#include <atomic>
#include <filesystem>
#include <string>
#include <thread>
#include <utility>

using namespace hubbub;
using namespace hubbub::test;

namespace {

constexpr std::int64_t page_bytes = 4096;

std::int64_t wal_pages(const store_config& config) {
  return static_cast<std::int64_t>(std::filesystem::file_size(config.path + "-wal")) /
         page_bytes;
}

/// Readers that read one page after the other, so that there is always one that reads.
class steady_readers {
 public:
  explicit steady_readers(const std::string& path) {
    for (auto& thread : threads_)
      thread = std::thread{[this, path] { read(path); }};
  }
  ~steady_readers() {
    stop_ = true;
    for (auto& thread : threads_)
      thread.join();
  }
  /// Waits until so many more pages were read.
  void wait_for(std::int64_t pages) {
    const auto until = pages_ + pages;
    while (pages_ < until)
      std::this_thread::yield();
  }

 private:
  void read(const std::string& path) {
    sqlite_reader reader{path};
    while (!stop_) {
      failed_ = failed_ || !reader.read_messages({.room = room_id{1}, .limit = 200});
      ++pages_;
    }
  }

  std::atomic<bool> stop_ = false;
  std::atomic<bool> failed_ = false;
  std::atomic<std::int64_t> pages_ = 0;
  std::array<std::thread, 4> threads_;
};

/// Copies on a thread of its own when it is told to.
class copying_thread {
 public:
  explicit copying_thread(std::string path) : copier_(std::move(path)) {}
  ~copying_thread() { wait(); }
  void start() {
    wait();
    thread_ = std::thread{[this] { copier_.copy(); }};
  }
  [[nodiscard]] bool busy() const { return thread_.joinable(); }
  void wait() {
    if (thread_.joinable()) thread_.join();
  }

 private:
  sqlite_copier copier_;
  std::thread thread_;
};

} // namespace

TEST_CASE("the WAL does not grow without bound under steady readers") {
  sqlite_backend backend;
  const auto config = backend.config();
  {
    opened db{config};
    db.fill(db.create("tea"), 1000);
  }
  auto db = open_database(config).value();
  const wal_limits limits{.copy = 50,
                          .restart = 200,
                          .passes = 2,
                          .restart_patience_ms = 500,
                          .insist = 800,
                          .insist_patience_ms = 5000};
  sqlite_wal wal{db, 5000, limits};
  steady_readers readers{config.path};
  readers.wait_for(4);
  for (int commit = 0; commit < 4000; ++commit) {
    REQUIRE(db.run("UPDATE rooms SET latest_at = " + std::to_string(commit)));
    wal.after_commit();
    REQUIRE(wal_pages(config) < limits.insist + 2 * limits.copy);
  }
  readers.wait_for(4);
}

TEST_CASE("somebody else copies beside commits, and the WAL begins again") {
  sqlite_backend backend;
  const auto config = backend.config();
  { opened db{config}; }
  auto db = open_database(config).value();
  const wal_limits limits{.copy = 20, .restart = 100, .passes = 2};
  sqlite_wal wal{db, 5000, limits};
  copying_thread elsewhere{config.path};
  int asked = 0;
  wal.leave_copying([&] {
    ++asked;
    elsewhere.start();
  });
  const auto commit_many = [&](int commits, int until_copied) {
    int waited = 0;
    for (int i = 0; i < commits; ++i) {
      REQUIRE(db.run("UPDATE counters SET value = " + std::to_string(i)));
      wal.after_commit();
      REQUIRE(wal_pages(config) < limits.restart + 100);
      if (!elsewhere.busy() || ++waited < until_copied) continue;
      waited = 0;
      elsewhere.wait();
      wal.on_copied();
    }
  };
  commit_many(2000, 1);
  CHECK(asked >= 2 * 2000 / (limits.restart + 100));
  // The writer goes on while the other copies.
  commit_many(2000, 20);
  CHECK(wal_pages(config) >= limits.restart);
  CHECK(db.value("SELECT value FROM counters") == "1999");

  // Nobody copies any more but the writer.
  elsewhere.wait();
  wal.leave_copying(nullptr);
  const auto before = asked;
  commit_many(2000, 1);
  CHECK(asked == before);
  CHECK(db.value("PRAGMA integrity_check") == "ok");
}

TEST_CASE("a store that was closed in order is one file, though readers close last") {
  sqlite_backend backend;
  const auto config = backend.config();
  auto store = open_store(config).value();
  const auto reader = store->reader();
  {
    const auto writer = store->writer();
    const std::vector<write_op> create{create_room{"tea"}};
    std::ignore = writer->commit(create, now);
    REQUIRE(reader->find_room("tea"));
    CHECK(wal_pages(config) > 0);
  }
  CHECK(wal_pages(config) == 0);
  CHECK(reader->find_room("tea"));
}

TEST_CASE("no reader holds on to a snapshot after it answered") {
  sqlite_backend backend;
  opened db{backend.config()};
  const auto room = db.create("tea");
  db.fill(room, 3);
  auto tool = sqlite::database::open(backend.config().path, sqlite::access::read_write, 0);
  REQUIRE(tool);
  const auto is_free = [&] {
    db.fill(room, 1);
    return tool->value("PRAGMA wal_checkpoint(TRUNCATE)") == "0";
  };
  auto& reader = db.reader();
  const std::vector rooms{room};
  CHECK((reader.find_room(room) && is_free()));
  CHECK((reader.find_room("tea") && is_free()));
  CHECK((!reader.find_room("none") && is_free()));
  CHECK((reader.list_rooms(room_id{0}, "t", 1, {}) && is_free()));
  CHECK((reader.read_messages({.room = room, .limit = 1}) && is_free()));
  CHECK((reader.read_messages({.room = room, .around = sequence{2}, .limit = 1}) && is_free()));
  CHECK((!reader.read_messages({.room = room_id{9}}) && is_free()));
  CHECK((reader.read_changes({.room = room, .up_to = sequence{9}, .after = {}}) && is_free()));
  CHECK((reader.acked_messages(recovery_id{1}, {.room = room}) && is_free()));
  CHECK((reader.search({.room = room, .text = "1", .limit = 1}) && is_free()));
  CHECK((reader.read_markers("ann", rooms) && is_free()));
  CHECK((reader.find_recoverable(recovery_id{1}) && is_free()));
}
