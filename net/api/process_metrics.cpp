#include "net/api/process_metrics.hpp"

#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <system_error>
#include <vector>

/// jemalloc's control function; null in a program that is not linked with jemalloc.
extern "C" int mallctl(const char*, void*, std::size_t*, void*, std::size_t)
    __attribute__((weak));

namespace hubbub {
namespace {

// The places of fields in /proc/PID/stat after the name of the program, which is in
// parentheses (proc(5) counts from 1, and the name is the second).
constexpr std::size_t user_time = 11;
constexpr std::size_t system_time = 12;
constexpr std::size_t thread_count = 17;
constexpr std::size_t start_time = 19;
constexpr std::size_t virtual_size = 20;
constexpr std::size_t resident_pages = 21;

std::uint64_t whole_number(std::string_view text) {
  std::uint64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

std::string content_of(const char* path) {
  std::ifstream in{path};
  return {std::istreambuf_iterator<char>{in}, {}};
}

/// Returns the time of the system's start, in seconds since 1970; it does not change.
double boot_time() {
  constexpr std::string_view key = "\nbtime ";
  const auto text = content_of("/proc/stat");
  const auto at = text.find(key);
  if (at == std::string::npos) return 0;
  return static_cast<double>(whole_number(std::string_view{text}.substr(at + key.size())));
}

std::uint64_t count_files() {
  // From Linux 6.2 on the size of the folder is their number.
  struct stat folder {};
  if (::stat("/proc/self/fd", &folder) == 0 && folder.st_size > 0)
    return static_cast<std::uint64_t>(folder.st_size);
  std::error_code failed;
  const std::filesystem::directory_iterator files{"/proc/self/fd", failed};
  if (failed) return 0;
  // Without the one that lists them.
  return static_cast<std::uint64_t>(std::distance(begin(files), end(files))) - 1;
}

} // namespace

std::optional<process_figures> parse_stat(std::string_view line, double ticks,
                                          std::uint64_t page, double booted) {
  const auto name_end = line.rfind(") ");
  if (name_end == std::string_view::npos) return std::nullopt;
  line.remove_prefix(name_end + 2);
  std::vector<std::string_view> fields;
  while (!line.empty()) {
    const auto end = line.find(' ');
    fields.push_back(line.substr(0, end));
    line.remove_prefix(end == std::string_view::npos ? line.size() : end + 1);
  }
  if (fields.size() <= resident_pages) return std::nullopt;
  const auto field = [&fields](std::size_t at) { return whole_number(fields[at]); };
  process_figures result;
  result.cpu_seconds = static_cast<double>(field(user_time) + field(system_time)) / ticks;
  result.start_seconds = booted + static_cast<double>(field(start_time)) / ticks;
  result.threads = field(thread_count);
  result.virtual_bytes = field(virtual_size);
  result.resident_bytes = field(resident_pages) * page;
  return result;
}

process_figures ask_process() {
  static const double booted = boot_time();
  auto result =
      parse_stat(content_of("/proc/self/stat"), static_cast<double>(::sysconf(_SC_CLK_TCK)),
                 static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE)), booted)
          .value_or(process_figures{});
  result.clock_seconds =
      std::chrono::duration<double>{std::chrono::system_clock::now().time_since_epoch()}
          .count();
  result.open_files = count_files();
  rlimit files{};
  if (::getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur != RLIM_INFINITY)
    result.max_files = files.rlim_cur;
  return result;
}

std::optional<allocator_figures> ask_allocator() {
  if (mallctl == nullptr) return std::nullopt;
  std::uint64_t epoch = 1; // without a new one the figures are those of the last time
  std::size_t size = sizeof(epoch);
  mallctl("epoch", &epoch, &size, &epoch, size);
  const auto figure = [](const char* name) {
    std::size_t value = 0;
    std::size_t length = sizeof(value);
    return mallctl(name, &value, &length, nullptr, 0) == 0 ? value : 0;
  };
  return allocator_figures{figure("stats.allocated"), figure("stats.active"),
                           figure("stats.metadata"),  figure("stats.resident"),
                           figure("stats.mapped"),    figure("stats.retained")};
}

} // namespace hubbub
