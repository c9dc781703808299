#include "net/admission/process_memory.hpp"
#include "tests/support/catch.hpp"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace hubbub {
namespace {

namespace fs = std::filesystem;

/// A fake file system with the few files in which a kernel reports its limits.
class fake_root {
 public:
  fake_root()
      : path_(fs::temp_directory_path() / ("hubbub-memory-" + std::to_string(getpid()))) {}
  ~fake_root() { fs::remove_all(path_); }
  fake_root(const fake_root&) = delete;
  fake_root& operator=(const fake_root&) = delete;

  void write(const std::string& path, const std::string& text) const {
    fs::create_directories(
        (path_.string() + path).substr(0, (path_.string() + path).rfind('/')));
    std::ofstream{path_.string() + path} << text << '\n';
  }
  [[nodiscard]] std::string path() const { return path_.string(); }

 private:
  fs::path path_;
};

} // namespace

TEST_CASE("a control group's limit bounds what is available, and so do those above it") {
  const fake_root root;
  root.write("/proc/self/cgroup", "0::/a/b");
  const auto machine = available_memory(root.path());
  CHECK(machine > 0);
  root.write("/sys/fs/cgroup/a/b/memory.max", "max");
  CHECK(available_memory(root.path()) == machine);
  root.write("/sys/fs/cgroup/a/b/memory.max", "100000000");
  CHECK(available_memory(root.path()) == 100'000'000);
  root.write("/sys/fs/cgroup/a/memory.max", "50000000");
  CHECK(available_memory(root.path()) == 50'000'000);
}

TEST_CASE("control groups of version 1 are read, and in a container their mount alone") {
  const fake_root root;
  root.write("/proc/self/cgroup", "5:cpu,cpuacct:/x\n4:memory:/box\n0::/");
  root.write("/sys/fs/cgroup/memory/memory.limit_in_bytes", "70000000");
  CHECK(available_memory(root.path()) == 70'000'000);
  root.write("/sys/fs/cgroup/memory/box/memory.limit_in_bytes", "60000000");
  CHECK(available_memory(root.path()) == 60'000'000);
}

TEST_CASE("pressure is high from the limit on, and extreme an eighth above it") {
  CHECK(pressure_of(799, 800) == memory_pressure::none);
  CHECK(pressure_of(800, 800) == memory_pressure::high);
  CHECK(pressure_of(899, 800) == memory_pressure::high);
  CHECK(pressure_of(900, 800) == memory_pressure::extreme);
}

TEST_CASE("this process knows what it holds") {
  const auto before = resident_memory();
  CHECK(before > 0);
  const std::string more(32'000'000, 'x');
  CHECK(resident_memory() > before + more.size() / 2);
}

} // namespace hubbub
