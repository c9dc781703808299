#include "net/trace/recorder_file.hpp"

#include "proto/trace/trace_file.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <span>
#include <system_error>
#include <tuple>
#include <utility>

namespace hubbub {
namespace {

/// Permissions of the file: it says who talked where.
constexpr mode_t for_the_owner = 0600;
/// How many times its size must be free on the disk, which the database needs more.
constexpr std::uint64_t free_times = 10;

unexpected<std::string> failed(const std::string& what) {
  return unexpected(what + ": " + std::generic_category().message(errno));
}

/// Memory that is mapped from a file.
struct mapped_range {
  char* bytes = nullptr;
  std::size_t size = 0;
};
/// The files of this process, for the handler of SIGBUS; more than one only in tests.
std::array<mapped_range, 16> mapped_files;

/// Handles a page that cannot be written any more, since the disk failed, became read-only, or
/// somebody cut the file off: from now on the rings are memory and nothing else.
void on_lost_page(int, siginfo_t* fault, void*) {
  const auto* const at = static_cast<const char*>(fault->si_addr);
  for (const auto& [bytes, size] : mapped_files)
    if (bytes != nullptr && at >= bytes && at < bytes + size &&
        ::mmap(bytes, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1,
               0) != MAP_FAILED)
      return;
  std::signal(SIGBUS, SIG_DFL); // the instruction runs again, and ends the process
}

void survive_lost_pages(char* bytes, std::size_t size) {
  const auto free_place =
      std::ranges::find(mapped_files, nullptr, [](const auto& each) { return each.bytes; });
  if (free_place == mapped_files.end()) return;
  *free_place = {bytes, size};
  struct sigaction action {};
  action.sa_sigaction = on_lost_page;
  action.sa_flags = SA_SIGINFO;
  ::sigaction(SIGBUS, &action, nullptr);
}

void forget_mapping(const char* bytes) {
  for (auto& each : mapped_files)
    if (each.bytes == bytes) each = {};
}

std::size_t whole_pages(std::size_t bytes) {
  bytes = std::clamp(bytes, smallest_trace_ring, largest_trace_ring);
  return bytes / trace_head_size * trace_head_size;
}

/// True if the file was made for these rings.
bool fits(int descriptor, const trace_head& wanted) {
  struct stat found {};
  std::string head(trace_head_size, '\0');
  if (::fstat(descriptor, &found) != 0 ||
      static_cast<std::size_t>(found.st_size) != wanted.file_size() ||
      ::pread(descriptor, head.data(), head.size(), 0) != static_cast<ssize_t>(head.size()))
    return false;
  const auto there = decode_trace_head(head);
  return there && there->rings == wanted.rings && there->ring_bytes == wanted.ring_bytes;
}

/// Empties the file and gives it its size. Its blocks are allocated now: a mapped page for
/// which the disk has no room would end the process.
expected<void, std::string> begin_anew(int descriptor, const trace_head& head) {
  struct statvfs disk {};
  const auto size = head.file_size();
  if (::ftruncate(descriptor, 0) != 0) return failed("cannot be emptied");
  if (::fstatvfs(descriptor, &disk) == 0 &&
      std::uint64_t{disk.f_bavail} * disk.f_frsize < free_times * size)
    return unexpected<std::string>("is not made, since the disk is nearly full");
  if (const auto why = ::posix_fallocate(descriptor, 0, static_cast<off_t>(size)); why != 0) {
    errno = ::ftruncate(descriptor, 0) == 0 ? why : errno;
    return failed("cannot be made as large as it has to be");
  }
  const auto bytes = encode_trace_head(head);
  if (::pwrite(descriptor, bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size()))
    return failed("cannot be written");
  return {};
}

} // namespace

expected<std::unique_ptr<recorder_file>, std::string>
recorder_file::open(const std::string& path, std::size_t threads, std::size_t ring_bytes) {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const trace_head head{static_cast<std::uint32_t>(std::min(threads, most_trace_rings)),
                        whole_pages(ring_bytes),
                        std::chrono::duration_cast<std::chrono::microseconds>(now).count()};
  std::unique_ptr<recorder_file> made{new recorder_file};
  made->descriptor_ =
      ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, for_the_owner);
  if (made->descriptor_ < 0) return failed("cannot be opened");
  if (::flock(made->descriptor_, LOCK_EX | LOCK_NB) != 0)
    return unexpected<std::string>("is used by another server");
  if (::fchmod(made->descriptor_, for_the_owner) != 0) return failed("cannot be protected");
  if (!fits(made->descriptor_, head))
    if (auto begun = begin_anew(made->descriptor_, head); !begun)
      return unexpected(std::move(begun.error()));
  auto* const mapped = ::mmap(nullptr, head.file_size(), PROT_READ | PROT_WRITE, MAP_SHARED,
                              made->descriptor_, 0);
  if (mapped == MAP_FAILED) return failed("cannot be mapped into memory");
  made->bytes_ = static_cast<char*>(mapped);
  made->size_ = head.file_size();
  survive_lost_pages(made->bytes_, made->size_);
  const auto ring_size = static_cast<std::size_t>(head.ring_bytes);
  for (std::size_t i = 0; i < threads; ++i) {
    // More threads than anybody has do without.
    if (i >= head.rings) {
      made->rings_.emplace_back();
      continue;
    }
    made->rings_.emplace_back(
        std::span<char>{made->bytes_ + trace_head_size + i * ring_size, ring_size});
  }
  return made;
}

void recorder_file::release() {
  if (descriptor_ < 0) return;
  // Takes the place of the file's pages in one step, so that a thread that is writing goes on.
  std::ignore = ::mmap(bytes_, size_, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
  // A process that was forked from this one may have the file mapped, and the lock by that.
  ::flock(descriptor_, LOCK_UN);
  ::close(std::exchange(descriptor_, -1));
}

recorder_file::~recorder_file() {
  if (bytes_ != nullptr) {
    forget_mapping(bytes_);
    ::munmap(bytes_, size_);
  }
  if (descriptor_ >= 0) ::close(descriptor_);
}

} // namespace hubbub
