#include "bench/report/process_usage.hpp"

#include <sched.h>
#include <unistd.h>

#include <ctime>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <system_error>

namespace hubbub::bench {
namespace {

using std::chrono::nanoseconds;

std::string read_file(const std::string& path) {
  std::ifstream in{path};
  return {std::istreambuf_iterator<char>{in}, {}};
}

void read_cpu(pid_t process, process_usage& to) {
  clockid_t clock{};
  timespec used{};
  if (::clock_getcpuclockid(process, &clock) == 0 && ::clock_gettime(clock, &used) == 0)
    to.cpu = std::chrono::seconds{used.tv_sec} + nanoseconds{used.tv_nsec};
}

/// Reads the CPU times of a process. In proc(5) the second field, in parentheses, is the only
/// one that may contain spaces; the 14th and 15th are the times.
void read_split(const std::string& folder, process_usage& to) {
  const auto stat = read_file(folder + "stat");
  const auto name_end = stat.rfind(')');
  if (name_end == std::string::npos) return;
  std::istringstream fields{stat.substr(name_end + 1)};
  std::string skipped;
  for (int field = 3; field < 14; ++field)
    fields >> skipped;
  std::int64_t user = 0;
  std::int64_t system = 0;
  fields >> user >> system;
  const auto tick = 1'000'000'000 / ::sysconf(_SC_CLK_TCK);
  to.user = nanoseconds{user * tick};
  to.system = nanoseconds{system * tick};
}

void read_waited(const std::string& folder, process_usage& to) {
  std::error_code error;
  for (const auto& task : std::filesystem::directory_iterator{folder + "task", error}) {
    std::istringstream fields{read_file(task.path().string() + "/schedstat")};
    std::int64_t ran = 0;
    std::int64_t waited = 0;
    fields >> ran >> waited;
    to.waited += nanoseconds{waited};
  }
}

void read_resident(const std::string& folder, process_usage& to) {
  std::istringstream fields{read_file(folder + "statm")};
  std::uint64_t all = 0;
  std::uint64_t resident = 0;
  fields >> all >> resident;
  to.resident = resident * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

} // namespace

process_usage usage_of(pid_t process) {
  process_usage usage;
  const auto folder = "/proc/" + std::to_string(process) + "/";
  read_cpu(process, usage);
  read_split(folder, usage);
  read_waited(folder, usage);
  read_resident(folder, usage);
  return usage;
}

std::size_t cores_of(pid_t process) {
  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  if (::sched_getaffinity(process, sizeof allowed, &allowed) != 0) return 1;
  return static_cast<std::size_t>(CPU_COUNT(&allowed));
}

} // namespace hubbub::bench
