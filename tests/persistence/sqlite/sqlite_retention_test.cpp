// The cost of one step of care for a writer that waits, counted in pages and calls.
#include "tests/persistence/sqlite/exposed_writer.hpp"
#include "tests/persistence/sqlite/fault_vfs.hpp"
#include "tests/persistence/store_fixture.hpp"

#include <algorithm>
#include <random>

using namespace hubbub;
using namespace hubbub::test;

namespace {

store_config newest_only(const temporary_folder& folder) {
  store_config config{.path = folder.file("hubbub.db"), .level = durability::full};
  config.dedupe_window_ms = window_ms;
  config.retention = {{.room_pattern = "*", .max_messages = 1}};
  return config;
}

/// Returns eighteen random words, with realistic frequencies: the work of the search depends on
/// them.
std::string some_words(std::mt19937& random) {
  std::string text;
  for (int i = 0; i < 18; ++i) {
    const auto bits = random() % 16;
    text.append("w").append(std::to_string(random() & ((2U << bits) - 1))).append(" ");
  }
  return text;
}

void fill_with_words(store_writer& writer, int messages) {
  std::mt19937 random{7};
  std::vector<write_op> ops{op::create_room{"tea"}};
  for (int i = 1; i <= messages; ++i) {
    ops.emplace_back(say(first_room, "ann", some_words(random), std::to_string(i)));
    if (i % 500 == 0) {
      std::ignore = writer.commit(ops, now);
      ops.clear();
    }
  }
}

std::int64_t pages_written(sqlite3* connection) {
  int pages = 0;
  int unused = 0;
  REQUIRE(sqlite3_db_status(connection, SQLITE_DBSTATUS_CACHE_WRITE, &pages, &unused, 1) ==
          SQLITE_OK);
  return pages;
}

struct step_costs {
  std::int64_t steps = 0;
  std::int64_t most_pages = 0; ///< pages written into the WAL
  std::int64_t syncs = 0;      ///< in all steps together
};

} // namespace

TEST_CASE("no step of retention writes much or waits for the disk") {
  temporary_folder folder;
  fault_vfs files;
  exposed_writer db{newest_only(folder)};
  db.writer.leave_upkeep([](bool) {});
  fill_with_words(db.writer, 6'000);
  std::ignore = pages_written(db.connection);
  step_costs cost;
  for (bool more = true; more; ++cost.steps) {
    const auto syncs = files.count(file_call::sync);
    more = db.writer.purge(now);
    cost.most_pages = std::max(cost.most_pages, pages_written(db.connection));
    cost.syncs += files.count(file_call::sync) - syncs;
  }
  CHECK(cost.steps > 60);
  // With the search's merging in the same transaction it was 180.
  CHECK(cost.most_pages < 120);
  CHECK(cost.syncs == 0);
}

TEST_CASE("a commit waits for the disk also behind a step of retention that did not") {
  temporary_folder folder;
  fault_vfs files;
  exposed_writer db{newest_only(folder)};
  fill_with_words(db.writer, 500);
  const auto syncs_of = [&](const auto& act) {
    const auto before = files.count(file_call::sync);
    act();
    return files.count(file_call::sync) - before;
  };
  const std::vector<write_op> one{say(first_room, "ann", "one")};
  CHECK(syncs_of([&] { std::ignore = db.writer.purge(now); }) == 0);
  CHECK(syncs_of([&] { std::ignore = db.writer.commit(one, now); }) == 1);
  CHECK(syncs_of([&] { std::ignore = db.writer.purge(now); }) == 0);
  CHECK(syncs_of([&] { std::ignore = db.writer.commit(one, now); }) == 1);
}

TEST_CASE("a step of care is one transaction: old records or old messages") {
  temporary_folder folder;
  auto config = newest_only(folder);
  opened db{config};
  const auto room = db.create("tea");
  std::ignore = db.append(say(room, "ann", "old", "c1"));
  std::ignore = db.append(say(room, "ann", "new"));
  const timestamp later{now.value + window_ms + 1};
  const auto left = [&] { return db.log(room).size(); };
  CHECK(db.writer().purge(later));
  CHECK(left() == 2); // the record's turn
  CHECK(db.writer().purge(later));
  CHECK(left() == 1);
  CHECK_FALSE(db.writer().purge(later));
}
