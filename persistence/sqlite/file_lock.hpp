#pragma once

#include "proto/expected.hpp"

#include <string>
#include <utility>

namespace hubbub {

/// Keeps a second server away from a database, by an exclusive lock on a file of its own,
/// `<database>.lock`. SQLite's locks on the database itself are no use for that, since they are
/// dropped whenever any descriptor of the file is closed in this process. The kernel releases
/// the lock when the process dies for whatever reason; the empty file then stays.
class file_lock {
 public:
  /// Takes the lock. The error is one sentence, in which `what` is what the file is.
  [[nodiscard]] static expected<file_lock, std::string>
  take(const std::string& database, const std::string& what = "database");

  /// Keeps the file in place, as a server does. Otherwise a lock that created the file removes
  /// it.
  void keep_file() { created_.clear(); }

  file_lock(file_lock&& other) noexcept;
  file_lock& operator=(file_lock&&) = delete;
  ~file_lock();

 private:
  file_lock(int descriptor, std::string created)
      : descriptor_(descriptor), created_(std::move(created)) {}

  int descriptor_;
  std::string created_; ///< path of the file if this lock created it and must remove it
};

} // namespace hubbub
