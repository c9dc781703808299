#include "bench/report/process_usage.hpp"

#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <system_error>
#include <vector>

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
    to.cpu += std::chrono::seconds{used.tv_sec} + nanoseconds{used.tv_nsec};
}

nanoseconds ticks(std::int64_t count) {
  return nanoseconds{count * (1'000'000'000 / ::sysconf(_SC_CLK_TCK))};
}

/// Reads the CPU times of a process, and those of its children that have ended. In proc(5) the
/// second field, in parentheses, is the only one that may contain spaces; the 14th to 17th are
/// the times.
void read_split(const std::string& folder, process_usage& to) {
  const auto stat = read_file(folder + "stat");
  const auto name_end = stat.rfind(')');
  if (name_end == std::string::npos) return;
  std::istringstream fields{stat.substr(name_end + 1)};
  std::string skipped;
  for (int field = 3; field < 14; ++field)
    fields >> skipped;
  std::array<std::int64_t, 4> times{};
  for (auto& time : times)
    fields >> time;
  const auto [user, system, user_of_ended, system_of_ended] = times;
  to.user += ticks(user + user_of_ended);
  to.system += ticks(system + system_of_ended);
  to.cpu += ticks(user_of_ended + system_of_ended);
}

/// Reads how long a process waited for a core, and returns its children.
std::vector<pid_t> read_tasks(const std::string& folder, process_usage& to) {
  std::vector<pid_t> children;
  std::error_code error;
  for (const auto& task : std::filesystem::directory_iterator{folder + "task", error}) {
    std::istringstream fields{read_file(task.path().string() + "/schedstat")};
    std::int64_t ran = 0;
    std::int64_t waited = 0;
    fields >> ran >> waited;
    to.waited += nanoseconds{waited};
    std::istringstream numbers{read_file(task.path().string() + "/children")};
    for (pid_t child = 0; numbers >> child;)
      children.push_back(child);
  }
  return children;
}

void read_resident(const std::string& folder, bool with_shared, process_usage& to) {
  std::istringstream fields{read_file(folder + "statm")};
  std::uint64_t all = 0;
  std::uint64_t resident = 0;
  std::uint64_t shared = 0;
  fields >> all >> resident >> shared;
  const auto pages = with_shared ? resident : resident - shared;
  to.resident += pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

void add_usage(pid_t process, bool is_child, process_usage& to) {
  const auto folder = "/proc/" + std::to_string(process) + "/";
  read_cpu(process, to);
  read_split(folder, to);
  read_resident(folder, !is_child, to);
  for (const auto child : read_tasks(folder, to))
    add_usage(child, true, to);
}

} // namespace

process_usage usage_of(pid_t process) {
  return usage_of(std::span<const pid_t>{&process, 1});
}

process_usage usage_of(std::span<const pid_t> processes) {
  process_usage usage;
  for (const auto process : processes)
    add_usage(process, false, usage);
  return usage;
}

std::size_t cores_of(std::span<const pid_t> processes) {
  cpu_set_t all;
  CPU_ZERO(&all);
  for (const auto process : processes) {
    cpu_set_t allowed;
    CPU_ZERO(&allowed);
    if (::sched_getaffinity(process, sizeof allowed, &allowed) == 0)
      CPU_OR(&all, &all, &allowed);
  }
  return std::max<std::size_t>(1, static_cast<std::size_t>(CPU_COUNT(&all)));
}

} // namespace hubbub::bench
