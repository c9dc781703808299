// The WAL stays short, whatever readers do.
#include "persistence/sqlite/sqlite_reader.hpp"
#include "persistence/sqlite/sqlite_store.hpp"
#include "persistence/sqlite/sqlite_wal.hpp"
#include "tests/persistence/store_fixture.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <filesystem>
#include <string>
#include <thread>
#include <utility>
#include <vector>

using namespace hubbub;
using namespace hubbub::test;

namespace {

constexpr std::int64_t bytes_a_page = 4096;

std::int64_t wal_pages(const store_config& config) {
  return static_cast<std::int64_t>(std::filesystem::file_size(config.path + "-wal")) /
         bytes_a_page;
}

/// Readers that read one page after the other, so that one of them is always reading.
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
  /// Waits until this many more pages were read.
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

/// Copies on a thread of its own on demand.
class copying_thread {
 public:
  explicit copying_thread(std::string path) : copier_(std::move(path)) {}
  ~copying_thread() { wait(); }
  void start() {
    wait();
    thread_ = std::thread{[this] { copier_.run(); }};
  }
  void wait() {
    if (thread_.joinable()) thread_.join();
  }

 private:
  sqlite_copier copier_;
  std::thread thread_;
};

/// A database with a WAL that another connection copies.
class wal_world {
 public:
  explicit wal_world(const wal_limits& limits)
      : wal_(db_, 5000, limits, [this](const log_length& told) { heard.push_back(told); }) {
    wal_.leave_copying([this](bool urgent) { asked.push_back(urgent); });
  }

  /// Commits a page each time.
  void commit(std::int64_t times = 1) {
    for (std::int64_t i = 0; i < times; ++i) {
      REQUIRE(db_.run("UPDATE counters SET value = value + 1"));
      wal_.after_commit();
    }
  }
  void copied() { wal_.on_copied(); }
  sqlite_wal& wal() { return wal_; }
  sqlite::database& db() { return db_; }
  [[nodiscard]] std::string path() const { return backend_.config().path; }
  [[nodiscard]] std::int64_t pages() const { return wal_pages(backend_.config()); }

  std::vector<bool> asked; ///< whether each request was urgent
  std::vector<log_length> heard;

 private:
  sqlite_backend backend_;
  sqlite::database db_ = open_database(backend_.config()).value();
  sqlite_wal wal_;
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

TEST_CASE("a copier moves what was committed into the database") {
  sqlite_backend backend;
  const auto config = backend.config();
  { opened db{config}; }
  auto db = open_database(config).value();
  sqlite_wal wal{db, 5000}; // it has nothing to copy yet
  const auto in_the_file_alone = [&] {
    const auto alone = backend.folder.file("alone.db");
    std::filesystem::copy_file(config.path, alone,
                               std::filesystem::copy_options::overwrite_existing);
    return raw(alone).value("SELECT value FROM counters");
  };
  REQUIRE(db.run("UPDATE counters SET value = 7"));
  CHECK(in_the_file_alone() == "0");
  sqlite_copier copier{config.path};
  copier.run();
  CHECK(in_the_file_alone() == "7");
  REQUIRE(db.run("UPDATE counters SET value = 8"));
  copier.run();
  CHECK(in_the_file_alone() == "8");
}

TEST_CASE("somebody else copies beside commits, and the WAL begins again") {
  const wal_limits limits{.copy = 20, .restart = 100, .passes = 2};
  wal_world world{limits};
  copying_thread elsewhere{world.path()};
  std::size_t begun = 0;
  // The writer commits this much while the other one copies.
  const auto beside = GENERATE(1, 5, 20);
  for (int i = 0; i < 2000; ++i) {
    world.commit();
    REQUIRE(world.pages() < limits.restart + 100);
    if (world.asked.size() > begun) {
      begun = world.asked.size();
      elsewhere.start();
      world.commit(beside);
      elsewhere.wait();
      world.copied();
    }
  }
  // Once each time that the WAL grew that long; twice, unless the first pass left nothing.
  CHECK(begun >= 2000U / (100U + 40U));
  CHECK(begun <= 2U * (2000U + begun * 20U) / 100U);
  CHECK(std::ranges::count(world.asked, true) == 0);
  CHECK(world.db().value("PRAGMA integrity_check") == "ok");
}

TEST_CASE("a WAL that nobody copies in time makes its writer wait") {
  const wal_limits limits{.copy = 20, .restart = 100, .passes = 2, .insist = 300};
  wal_world world{limits};
  sqlite_copier elsewhere{world.path()};
  SECTION("when it has become too long") {
    world.commit(400);
    CHECK(world.asked == std::vector<bool>{false, true});
    elsewhere.run();
    world.copied();
    world.copied();
  }
  SECTION("when as much was committed as copied") {
    world.commit(100);
    CHECK(world.asked == std::vector<bool>{false});
    elsewhere.run();
    world.commit(150);
    world.copied();
    CHECK(world.asked == std::vector<bool>{false, true});
    elsewhere.run();
    world.copied();
  }
  CHECK(world.asked.size() == 2);
  world.commit(90); // the WAL restarted
  CHECK(world.asked.size() == 2);
  world.commit(20);
  CHECK(world.asked.size() == 3);
}

TEST_CASE("a WAL that nobody else copies any more is copied by its writer") {
  const wal_limits limits{.copy = 20, .restart = 100, .passes = 2};
  wal_world world{limits};
  world.commit(150);
  REQUIRE(world.asked.size() == 1);
  world.wal().leave_copying(nullptr);
  world.copied(); // too late
  world.commit(1000);
  CHECK(world.asked.size() == 1);
  CHECK(world.pages() < limits.restart + 150);
}

TEST_CASE("a WAL that an outside reader holds is told, and emptied when it is over") {
  const wal_limits limits{.copy = 20,
                          .restart = 100,
                          .passes = 2,
                          .restart_patience_ms = 1,
                          .insist = 300,
                          .insist_patience_ms = 1};
  wal_world world{limits};
  const bool copies_itself = GENERATE(true, false);
  if (copies_itself) world.wal().leave_copying(nullptr);
  sqlite_copier elsewhere{world.path()};
  const auto copy_elsewhere = [&] {
    for (std::size_t done = 0; done < world.asked.size(); ++done) {
      elsewhere.run();
      world.copied();
    }
    world.asked.clear();
  };
  auto outside = raw(world.path());
  REQUIRE(outside.run("BEGIN; SELECT count(*) FROM rooms"));
  for (int i = 0; i < 100; ++i) {
    world.commit(10);
    copy_elsewhere();
  }
  CHECK(world.pages() >= 1000);
  CHECK(world.wal().bytes() == std::filesystem::file_size(world.path() + "-wal"));
  REQUIRE(world.heard.size() == 1);
  CHECK(world.heard.front().is_held);
  CHECK(world.heard.front().bytes >= static_cast<std::uint64_t>(limits.insist * bytes_a_page));

  // As long as it lasts, care tries in vain and reports nothing more.
  world.wal().after_care();
  copy_elsewhere();
  CHECK(world.heard.size() == 1);

  REQUIRE(outside.run("COMMIT"));
  world.wal().after_care();
  copy_elsewhere();
  CHECK(world.wal().bytes() == 0);
  REQUIRE(world.heard.size() == 2);
  CHECK_FALSE(world.heard.back().is_held);
  CHECK(world.heard.back().bytes == 0);
  world.commit(10);
  CHECK(world.pages() < 50);
  CHECK(world.db().value("PRAGMA integrity_check") == "ok");
}

TEST_CASE("what little was committed is copied behind a step of care") {
  wal_world world{{.copy = 20, .restart = 100, .passes = 2}};
  world.commit(30);
  CHECK(world.asked.empty());
  world.wal().after_care();
  CHECK(world.asked == std::vector<bool>{false});
  world.copied();
  world.wal().after_care();
  CHECK(world.asked.size() == 1);
}

TEST_CASE("a store that was closed in order is one file, though readers close last") {
  sqlite_backend backend;
  const auto config = backend.config();
  auto store = open_store(config).value();
  const auto reader = store->reader();
  {
    const auto writer = store->writer();
    const std::vector<write_op> create{op::create_room{"tea"}};
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
