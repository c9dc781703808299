#include "persistence/sqlite/file_lock.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

namespace hubbub {

namespace {

/// Returns the path of the lock. It lies beside the file that a symbolic link leads to, so that
/// two names of one database share the lock.
std::string lock_path(const std::string& database) {
  std::error_code failed;
  const auto real = std::filesystem::weakly_canonical(database, failed);
  return (failed ? database : real.string()) + ".lock";
}

struct opened_file {
  int descriptor = -1;
  bool created = false;
};

opened_file open_or_create(const char* path) {
  const int there = ::open(path, O_RDWR | O_CLOEXEC);
  if (there >= 0 || errno != ENOENT) return {there, false};
  constexpr mode_t for_the_owner = S_IRUSR | S_IWUSR; // who may lock it can keep a server down
  return {::open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, for_the_owner), true};
}

/// True if the path still leads to this file: another process may just have removed it.
bool leads_to(const char* path, int descriptor) {
  struct stat named {};
  struct stat locked {};
  return ::stat(path, &named) == 0 && ::fstat(descriptor, &locked) == 0 &&
         named.st_ino == locked.st_ino && named.st_dev == locked.st_dev;
}

std::string in_use(const std::string& database, const std::string& what) {
  return "the " + what + " " + database +
         " is in use by another server: stop that one, or choose another file";
}

std::string cannot_lock(const std::string& path, const std::string& what, int error) {
  return "cannot lock " + path + " (" + std::generic_category().message(error) +
         "): keep the " + what + " on a file system that has locks";
}

/// How often others may remove or create the file while it is being opened.
constexpr int attempts = 100;

} // namespace

expected<file_lock, std::string> file_lock::take(const std::string& database,
                                                 const std::string& what) {
  const auto path = lock_path(database);
  for (int left = attempts; left > 0; --left) {
    const auto [descriptor, created] = open_or_create(path.c_str());
    if (descriptor < 0 && errno == EEXIST) continue;
    if (descriptor < 0) break;
    file_lock lock{descriptor, {}};
    if (::flock(descriptor, LOCK_EX | LOCK_NB) == 0) {
      if (!leads_to(path.c_str(), descriptor)) continue;
      if (created) lock.created_ = path;
      return lock;
    }
    if (errno == EWOULDBLOCK) return unexpected(in_use(database, what));
    return unexpected(cannot_lock(path, what, errno));
  }
  return unexpected("cannot open " + path + " (" + std::generic_category().message(errno) +
                    "): make sure that its folder exists and can be written");
}

file_lock::file_lock(file_lock&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)),
      created_(std::exchange(other.created_, {})) {}

file_lock::~file_lock() {
  if (descriptor_ < 0) return;
  // Removed while the lock is held, so that nobody can lock the removed file and rely on it.
  if (!created_.empty()) ::unlink(created_.c_str());
  ::close(descriptor_);
}

} // namespace hubbub
