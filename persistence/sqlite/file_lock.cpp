#include "persistence/sqlite/file_lock.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

namespace hubbub {

namespace {

/// Beside the file that a symbolic link leads to: two names of one database share the lock.
std::string lock_path(const std::string& database) {
  std::error_code failed;
  const auto real = std::filesystem::weakly_canonical(database, failed);
  return (failed ? database : real.string()) + ".lock";
}

} // namespace

expected<file_lock, std::string> file_lock::take(const std::string& database) {
  const auto path = lock_path(database);
  const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (descriptor < 0)
    return unexpected("cannot open " + path + " (" + std::generic_category().message(errno) +
                      "): make sure that the database's folder exists and can be written");
  file_lock lock{descriptor};
  if (::flock(descriptor, LOCK_EX | LOCK_NB) == 0) return lock;
  if (errno == EWOULDBLOCK)
    return unexpected("the database " + database +
                      " is in use by another server: stop that one, or choose another file");
  return unexpected("cannot lock " + path + " (" + std::generic_category().message(errno) +
                    "): keep the database on a file system that has locks");
}

file_lock::file_lock(file_lock&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)) {}

file_lock::~file_lock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

} // namespace hubbub
