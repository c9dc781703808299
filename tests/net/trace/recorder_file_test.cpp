#include "net/trace/recorder_file.hpp"
#include "proto/trace/trace_file.hpp"
#include "tests/support/catch.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace hubbub::test {
namespace {

/// A folder that is removed with the object.
class trace_folder {
 public:
  trace_folder() {
    char name[] = "/tmp/hubbub-trace-XXXXXX";
    REQUIRE(mkdtemp(name) != nullptr);
    path_ = name;
  }
  ~trace_folder() { std::filesystem::remove_all(path_); }
  trace_folder(const trace_folder&) = delete;
  trace_folder& operator=(const trace_folder&) = delete;

  [[nodiscard]] std::string file() const { return path_ + "/trace"; }
  [[nodiscard]] trace_memory read() const {
    std::ifstream in{file(), std::ios::binary};
    const std::string bytes{std::istreambuf_iterator<char>{in}, {}};
    const auto found = read_trace(bytes);
    REQUIRE(found);
    return *found;
  }

 private:
  std::string path_;
};

void note_message(recorder_file& file, std::size_t thread, std::int64_t seq) {
  file.of(thread).note({.kind = trace_kind::message, .seq = seq}, "ann", "general");
}

} // namespace

TEST_CASE("what io threads record is in the file at once, and stays when it is opened again") {
  const trace_folder folder;
  {
    const auto made = recorder_file::open(folder.file(), 2, 100'000);
    REQUIRE(made);
    note_message(**made, 0, 1);
    note_message(**made, 1, 2);
    CHECK(folder.read().records.size() == 2);
  }
  const auto again = recorder_file::open(folder.file(), 2, 100'000);
  REQUIRE(again);
  note_message(**again, 1, 3);
  CHECK(folder.read().records.size() == 3);
}

TEST_CASE("a recorder's file can be left to another process, which then uses it alone") {
  const trace_folder folder;
  const auto left = recorder_file::open(folder.file(), 1, 100'000);
  REQUIRE(left);
  note_message(**left, 0, 1);
  REQUIRE_FALSE(recorder_file::open(folder.file(), 1, 100'000));
  (*left)->release();
  note_message(**left, 0, 2); // into memory alone
  const auto next = recorder_file::open(folder.file(), 1, 100'000);
  REQUIRE(next);
  note_message(**next, 0, 3);
  const auto records = folder.read().records;
  REQUIRE(records.size() == 2);
  CHECK(records[0].seq == 1);
  CHECK(records[1].seq == 3);
}

TEST_CASE("a file of other rings is begun anew, and only its owner may read it") {
  const trace_folder folder;
  std::ofstream{folder.file()} << "something else";
  REQUIRE(::chmod(folder.file().c_str(), 0644) == 0);
  for (const std::size_t threads : {1UL, 3UL}) {
    const auto made = recorder_file::open(folder.file(), threads, smallest_trace_ring);
    REQUIRE(made);
    CHECK(folder.read().records.empty());
    note_message(**made, threads - 1, 1);
    CHECK(folder.read().records.size() == 1);
    struct stat found {};
    REQUIRE(::stat(folder.file().c_str(), &found) == 0);
    CHECK((found.st_mode & 0777U) == 0600U);
  }
}

TEST_CASE("a recorder's file belongs to one server, and is no link to somebody else's") {
  const trace_folder folder;
  const auto made = recorder_file::open(folder.file(), 1, smallest_trace_ring);
  REQUIRE(made);
  const auto second = recorder_file::open(folder.file(), 1, smallest_trace_ring);
  REQUIRE_FALSE(second);
  CHECK(second.error() == "is used by another server");
  std::filesystem::create_symlink(folder.file(), folder.file() + ".link");
  const auto link = recorder_file::open(folder.file() + ".link", 1, smallest_trace_ring);
  REQUIRE_FALSE(link);
  CHECK_THAT(link.error(), Catch::Matchers::StartsWith("cannot be opened: "));
  CHECK_FALSE(recorder_file::open(folder.file() + "/none", 1, smallest_trace_ring));
}

TEST_CASE("a server whose recorder's file was cut off lives on") {
  const trace_folder folder;
  const auto made = recorder_file::open(folder.file(), 1, smallest_trace_ring);
  REQUIRE(made);
  note_message(**made, 0, 1);
  REQUIRE(::truncate(folder.file().c_str(), 0) == 0);
  for (std::int64_t seq = 2; seq < 3'000; ++seq)
    note_message(**made, 0, seq);
  CHECK(std::filesystem::file_size(folder.file()) == 0);
}

} // namespace hubbub::test
