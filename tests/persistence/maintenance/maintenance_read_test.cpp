// Tools that only read a database leave nothing beside it, and need no permission to write.
#include "persistence/maintenance/maintenance.hpp"
#include "persistence/maintenance/maintenance_open.hpp"
#include "tests/persistence/store_fixture.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <iostream>
#include <set>
#include <string>

using namespace hubbub;
using namespace hubbub::test;
using Catch::Matchers::Contains;

namespace {

namespace fs = std::filesystem;

constexpr auto readable =
    fs::perms::owner_read | fs::perms::group_read | fs::perms::others_read;
constexpr auto enterable =
    readable | fs::perms::owner_exec | fs::perms::group_exec | fs::perms::others_exec;

std::set<std::string> files_in(const fs::path& folder) {
  std::set<std::string> names;
  for (const auto& each : fs::directory_iterator{folder})
    names.insert(each.path().filename().string());
  return names;
}

/// Runs `task` in a process without root's rights, since permissions do not restrict root. The
/// task returns a sentence about what went wrong.
template <class Task>
bool succeeds_for_somebody(const Task& task) {
  const auto child = ::fork();
  if (child == 0) {
    if (::geteuid() == 0 && ::setuid(65534) != 0) ::_exit(2);
    const std::string wrong = task();
    if (!wrong.empty()) std::cerr << wrong << std::endl;
    ::_exit(wrong.empty() ? 0 : 1);
  }
  int status = 0;
  return ::waitpid(child, &status, 0) == child && status == 0;
}

/// A database with 20 messages in a folder, with or without the files beside it.
struct copied_database {
  temporary_folder folder;
  std::string path = folder.file("hub?b%b.db"); // characters that are special in SQLite's URIs

  explicit copied_database(const std::set<std::string>& parts) {
    sqlite_backend backend;
    opened db{backend.config()};
    db.fill(db.create("tea"), 20);
    for (const auto& part : parts)
      fs::copy_file(backend.config().path + part, path + part);
  }
  ~copied_database() { fs::permissions(folder.path(), fs::perms::owner_all); }
  void protect(bool folder_too) const {
    for (const auto& each : fs::directory_iterator{folder.path()})
      fs::permissions(each.path(), readable);
    fs::permissions(folder.path(), folder_too ? enterable : fs::perms::all);
  }
};

/// Reads a database in every possible way; each has to find 20 messages.
std::string read_in_every_way(const std::string& path, const std::string& copy) {
  const auto report = check_database(path);
  if (!report) return "check: " + report.error();
  if (!report->findings.empty()) return "check: " + report->findings.front();
  if (report->messages != 20) return "check: " + std::to_string(report->messages) + " messages";
  if (report->search_compared) return "check: the search was compared";
  const auto exported = export_room(path, "tea", [](std::string_view) { return true; });
  if (!exported) return "export: " + exported.error();
  if (*exported != 20) return "export: " + std::to_string(*exported) + " messages";
  if (const auto done = back_up_database(path, copy); !done) return "backup: " + done.error();
  const auto copied = check_database(copy);
  return copied && copied->messages == 20 ? "" : "the backup is another";
}

} // namespace

TEST_CASE("a database that may only be read is read, with the WAL beside it") {
  const auto parts =
      GENERATE(std::set<std::string>{"", "-wal"}, std::set<std::string>{"", "-wal", "-shm"});
  const bool folder_too = GENERATE(true, false);
  const copied_database copied{parts};
  copied.protect(folder_too);
  temporary_folder elsewhere;
  fs::permissions(elsewhere.path(), fs::perms::all);
  const auto before = files_in(copied.folder.path());
  CHECK(succeeds_for_somebody(
      [&] { return read_in_every_way(copied.path, elsewhere.file("copy.db")); }));
  CHECK(files_in(copied.folder.path()) == before);
}

TEST_CASE("a database that may only be read is read without a WAL") {
  const bool folder_too = GENERATE(true, false);
  const copied_database copied{{"", "-wal"}};
  REQUIRE(raw(copied.path).value("PRAGMA wal_checkpoint(TRUNCATE)") == "0");
  REQUIRE(files_in(copied.folder.path()).size() == 1);
  copied.protect(folder_too);
  temporary_folder elsewhere;
  fs::permissions(elsewhere.path(), fs::perms::all);
  CHECK(succeeds_for_somebody(
      [&] { return read_in_every_way(copied.path, elsewhere.file("copy.db")); }));
  CHECK(files_in(copied.folder.path()).size() == 1);
}

TEST_CASE("a database that may only be read is read while a server has it") {
  sqlite_backend backend;
  opened db{backend.config()};
  db.fill(db.create("tea"), 20);
  for (const auto& each : fs::directory_iterator{backend.folder.path()})
    fs::permissions(each.path(), readable);
  fs::permissions(backend.folder.path(), enterable);
  temporary_folder elsewhere;
  fs::permissions(elsewhere.path(), fs::perms::all);
  CHECK(succeeds_for_somebody(
      [&] { return read_in_every_way(backend.config().path, elsewhere.file("copy.db")); }));
  fs::permissions(backend.folder.path(), fs::perms::owner_all);
}

TEST_CASE("a check leaves nothing beside a database that may be written") {
  const copied_database copied{{"", "-wal"}};
  const auto report = check_database(copied.path);
  REQUIRE(report);
  CHECK(report->messages == 20);
  CHECK(report->search_compared);
  CHECK(files_in(copied.folder.path()).size() == 1);
}

TEST_CASE("a check that finds something leaves the file and its WAL as they are") {
  const copied_database copied{{"", "-wal"}};
  {
    auto db = raw(copied.path);
    REQUIRE(db.run("UPDATE counters SET value = 5"));
    fs::copy_file(copied.path + "-wal", copied.path + "-kept");
  }
  fs::rename(copied.path + "-kept", copied.path + "-wal");
  const auto before = fs::file_size(copied.path + "-wal");
  CHECK_FALSE(check_database(copied.path)->findings.empty());
  CHECK(files_in(copied.folder.path()).size() == 2);
  CHECK(fs::file_size(copied.path + "-wal") == before);
}

TEST_CASE("what was written while it was read is not believed") {
  const copied_database copied{{"", "-wal"}};
  REQUIRE(raw(copied.path).value("PRAGMA wal_checkpoint(TRUNCATE)") == "0");
  const auto exported = export_room(copied.path, "tea", [&](std::string_view) {
    return raw(copied.path).run("UPDATE counters SET value = value + 1").has_value();
  });
  REQUIRE_FALSE(exported);
  CHECK_THAT(exported.error(), Contains("was written while it was read: try again"));
}
