#pragma once

#include "proto/expected.hpp"

#include <string>
#include <utility>

namespace hubbub {

/// Keeps a second server off a database: an exclusive lock on a file of its own,
/// `<database>.lock`, since SQLite's locks on the database itself are dropped whenever any
/// descriptor of it is closed in this process. The kernel releases the lock when the process
/// dies, however it dies; the empty file then stays.
class file_lock {
 public:
  /// The error is one sentence.
  [[nodiscard]] static expected<file_lock, std::string> take(const std::string& database);

  /// Lets the file stay, as a server does. Otherwise a lock that created the file removes it.
  void keep_file() { created_.clear(); }

  file_lock(file_lock&& other) noexcept;
  file_lock& operator=(file_lock&&) = delete;
  ~file_lock();

 private:
  file_lock(int descriptor, std::string created)
      : descriptor_(descriptor), created_(std::move(created)) {}

  int descriptor_;
  std::string created_; ///< the file's path if this lock created it and is to remove it
};

} // namespace hubbub
