#include "net/admission/process_memory.hpp"

#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <limits>
#include <sstream>

namespace hubbub {
namespace {

std::size_t page_size() {
  static const auto size = static_cast<std::size_t>(std::max(1L, sysconf(_SC_PAGESIZE)));
  return size;
}

/// Returns the number in a file; "max", or a file that cannot be read, is no limit.
std::size_t limit_in(const std::string& path) {
  std::ifstream file{path};
  std::size_t value = 0;
  return file >> value && value > 0 ? value : std::numeric_limits<std::size_t>::max();
}

/// Returns the lowest limit of a control group and its ancestors.
std::size_t lowest_limit(const std::string& mount, std::string group, const char* name) {
  auto lowest = limit_in(mount + "/" + name);
  while (group.size() > 1) {
    lowest = std::min(lowest, limit_in(mount + group + "/" + name));
    group.erase(group.rfind('/'));
  }
  return lowest;
}

} // namespace

std::size_t resident_memory() {
  std::ifstream file{"/proc/self/statm"};
  std::size_t total = 0;
  std::size_t resident = 0;
  return file >> total >> resident ? resident * page_size() : 0;
}

std::size_t available_memory(const std::string& root) {
  auto available =
      static_cast<std::size_t>(std::max(1L, sysconf(_SC_PHYS_PAGES))) * page_size();
  std::ifstream groups{root + "/proc/self/cgroup"};
  // `0::/group` is version 2, `4:memory:/group` version 1.
  for (std::string line; std::getline(groups, line);) {
    const auto path = line.find(":/");
    if (path == std::string::npos) continue;
    const auto group = line.substr(path + 1);
    if (line.starts_with("0::"))
      available =
          std::min(available, lowest_limit(root + "/sys/fs/cgroup", group, "memory.max"));
    else if (line.find(":memory:") != std::string::npos)
      available = std::min(available, lowest_limit(root + "/sys/fs/cgroup/memory", group,
                                                   "memory.limit_in_bytes"));
  }
  return available;
}

memory_pressure pressure_of(std::size_t resident, std::size_t limit) {
  if (resident < limit) return memory_pressure::none;
  return resident - limit < limit / 8 ? memory_pressure::high : memory_pressure::extreme;
}

std::size_t automatic_limit(std::size_t available) {
  return available / 4 * 3;
}

} // namespace hubbub
