// Each call to the operating system fails once, or fails until it is healed.
#include "persistence/sqlite/sqlite_reader.hpp"
#include "persistence/sqlite/sqlite_search_tokenizer.hpp"
#include "tests/persistence/sqlite/exposed_writer.hpp"
#include "tests/persistence/sqlite/fault_vfs.hpp"
#include "tests/persistence/store_fixture.hpp"

#include <filesystem>
#include <map>

using namespace hubbub;
using namespace hubbub::test;

namespace {

store_config config_in(const temporary_folder& folder) {
  store_config config{.path = folder.file("hubbub.db")};
  config.dedupe_window_ms = window_ms;
  config.retention = {{.room_pattern = "*", .max_messages = 12}};
  return config;
}

/// A database with some messages, without a WAL, from which each round starts.
class prepared_database {
 public:
  prepared_database() {
    opened db{config_in(folder_)};
    std::ignore = db.create("tea");
    db.fill(first_room, 10);
    log_ = db.log(first_room);
  }
  void copy_to(const temporary_folder& folder) const {
    std::filesystem::copy_file(config_in(folder_).path, config_in(folder).path);
  }
  [[nodiscard]] const std::vector<message>& log() const { return log_; }

 private:
  temporary_folder folder_;
  std::vector<message> log_;
};

/// Returns batches with some of everything; the content is longer than a page.
std::vector<std::vector<write_op>> batches() {
  op::enter_recoverable entered;
  entered.session = recovery_id{5};
  entered.room = first_room;
  return {
      {say(first_room, "ann", std::string(5000, 'a') + " green", "c1"),
       say(first_room, "bob", "two")},
      {say(first_room, "ann", "again", "c1"),
       op::edit_message{first_room, sequence{3}, "ann", "edited"}},
      {op::delete_message{first_room, sequence{4}, "ann"},
       op::mark_read{first_room, "bob", sequence{9}}},
      {op::create_room{"cake"}, entered, say(first_room, "ann", std::string(9000, 'b'), "c2")},
      {say(first_room, "bob", "last"), op::end_recoverable{.session = recovery_id{5}}}};
}

bool is_storage_failure(const write_outcome& outcome) {
  return failed_with(outcome, store_error::io) || failed_with(outcome, store_error::full);
}

/// Writes, and remembers which batches succeeded.
class teller {
 public:
  explicit teller(const std::vector<message>& log) {
    for (const auto& each : log)
      told_[each.seq] = each;
  }

  /// Writes a batch; false if it failed, in which case all of its ops failed.
  bool write(store_writer& writer, const std::vector<write_op>& ops) {
    const auto outcomes = writer.commit(ops, now);
    REQUIRE(outcomes.size() == ops.size());
    const bool failed = is_storage_failure(outcomes.front());
    for (const auto& outcome : outcomes) {
      REQUIRE(is_storage_failure(outcome) == failed);
      REQUIRE_FALSE(failed_with(outcome, store_error::corrupt));
      if (const auto* done = std::get_if<appended>(&outcome))
        told_[done->stored.seq] = done->stored;
      if (const auto* done = std::get_if<changed>(&outcome)) told_[done->now.seq] = done->now;
    }
    return !failed;
  }

  /// True if everything that was confirmed, and not removed by retention, is there, unchanged,
  /// without a gap, and nothing else.
  [[nodiscard]] bool agrees(store_reader& reader) const {
    const auto record = reader.find_room(first_room);
    const auto page =
        reader.read_messages({.room = first_room, .after = sequence{0}, .limit = 1000});
    if (!record || !page || record->last_seq != last()) return false;
    std::vector<message> expected;
    for (auto seq = record->first_seq; seq <= record->last_seq; ++seq.value)
      expected.push_back(told_.at(seq));
    return page->messages == expected;
  }
  [[nodiscard]] sequence last() const { return told_.rbegin()->first; }

 private:
  std::map<sequence, message> told_;
};

void check_whole(const std::string& path) {
  auto db = sqlite::database::open(path, sqlite::access::read_write, 0);
  REQUIRE(db);
  REQUIRE(db->value("PRAGMA integrity_check") == "ok");
  REQUIRE(add_search_tokenizer(*db));
  REQUIRE(db->run("INSERT INTO words_1 (words_1, rank) VALUES ('integrity-check', 1)"));
}

/// The files that a process would leave if it were killed now.
class crash_site {
 public:
  explicit crash_site(const store_config& config) {
    for (const auto* suffix : {"", "-wal"})
      if (std::filesystem::exists(config.path + suffix))
        std::filesystem::copy_file(config.path + suffix, config_in(folder_).path + suffix);
  }
  /// Checks that the failed batch is there completely or not at all.
  void check(const teller& before, const teller& after) const {
    {
      opened db{config_in(folder_)};
      REQUIRE((before.agrees(db.reader()) || after.agrees(db.reader())));
    }
    check_whole(config_in(folder_).path);
  }

 private:
  temporary_folder folder_;
};

/// Runs one round; false once there is no such call any more.
bool survives(const prepared_database& prepared, file_call call, std::int64_t nth, int code,
              bool lasting) {
  temporary_folder folder;
  prepared.copy_to(folder);
  const auto config = config_in(folder);
  fault_vfs files;
  teller told{prepared.log()};
  bool failed = false;
  {
    exposed_writer faulty{config};
    sqlite_reader reader{config.path};
    files.fail(call, nth, code, lasting);
    for (const auto& batch : batches()) {
      if (!told.write(faulty.writer, batch)) {
        REQUIRE(files.failed());
        if (lasting) std::ignore = told.write(faulty.writer, batch);
        files.heal();
        const crash_site crash{config};
        const auto before = told;
        REQUIRE(told.write(faulty.writer, batch));
        crash.check(before, told);
      }
      std::ignore = faulty.writer.purge(now);
      std::ignore = sqlite3_wal_checkpoint_v2(faulty.connection, "main",
                                              SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
    }
    failed = files.failed();
    files.heal();
    const auto before = told.last();
    REQUIRE(told.write(faulty.writer, {say(first_room, "bob", "after all")}));
    REQUIRE(told.last().value == before.value + 1);
    REQUIRE(told.agrees(reader));
    REQUIRE(reader.search({.room = first_room, .text = "after"})->hits.size() == 1);
  }
  opened again{config};
  REQUIRE(told.agrees(again.reader()));
  check_whole(config.path);
  return failed;
}

} // namespace

TEST_CASE("whatever call fails while writing, what was acked stays and the writer goes on") {
  struct fault {
    file_call call;
    int code;
  };
  const auto [call, code] = GENERATE(
      fault{file_call::write, SQLITE_IOERR_WRITE}, fault{file_call::write, SQLITE_FULL},
      fault{file_call::sync, SQLITE_IOERR_FSYNC}, fault{file_call::read, SQLITE_IOERR_READ},
      fault{file_call::write, SQLITE_READONLY});
  const bool lasting = GENERATE(false, true);
  const prepared_database prepared;
  std::int64_t nth = 1;
  for (;; nth += 1 + nth / 10) {
    CAPTURE(static_cast<int>(call), code, lasting, nth);
    if (!survives(prepared, call, nth, code, lasting)) break;
  }
  CHECK(nth > 5);
}

TEST_CASE("whatever call fails while opening, the store opens once the fault is gone") {
  const auto call =
      GENERATE(file_call::write, file_call::sync, file_call::read, file_call::map);
  const bool fresh = GENERATE(false, true);
  const prepared_database prepared;
  for (std::int64_t nth = 1;; ++nth) {
    CAPTURE(static_cast<int>(call), fresh, nth);
    temporary_folder folder;
    if (!fresh) prepared.copy_to(folder);
    fault_vfs files;
    files.fail(call, nth, SQLITE_FULL, true);
    {
      const auto result = open_store(config_in(folder));
      if (!result) REQUIRE(result.error().find("hubbub.db") != std::string::npos);
    }
    const bool failed = files.failed();
    files.heal();
    {
      opened db{config_in(folder)};
      if (fresh)
        REQUIRE(db.create("tea") == first_room);
      else
        REQUIRE(db.log(first_room) == prepared.log());
    }
    if (!failed) break;
  }
}

TEST_CASE("a read that fails says so and the next one is right") {
  const prepared_database prepared;
  temporary_folder folder;
  prepared.copy_to(folder);
  const auto config = config_in(folder);
  fault_vfs files;
  opened db{config};
  const message_range range{.room = first_room, .after = sequence{0}, .limit = 100};
  for (std::int64_t nth = 1;; ++nth) {
    CAPTURE(nth);
    sqlite_reader reader{config.path};
    files.fail(file_call::read, nth, SQLITE_IOERR_READ, false);
    const auto page = reader.read_messages(range);
    if (page)
      REQUIRE(page->messages == prepared.log());
    else
      REQUIRE(page.error() == store_error::io);
    const auto found = reader.search({.room = first_room, .text = "7"});
    if (found)
      REQUIRE(found->hits.size() == 1);
    else
      REQUIRE(found.error() == store_error::io);
    const bool failed = files.failed();
    files.heal();
    REQUIRE(reader.read_messages(range)->messages == prepared.log());
    REQUIRE(reader.search({.room = first_room, .text = "7"})->hits.size() == 1);
    if (!failed) break;
  }
}
