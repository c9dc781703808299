#pragma once

#include "proto/expected.hpp"

#include <string>

namespace hubbub {

/// Keeps a second server off a database: an exclusive lock on a file of its own,
/// `<database>.lock`, since SQLite's locks on the database itself are dropped whenever any
/// descriptor of it is closed in this process. The kernel releases the lock when the process
/// dies, however it dies; the empty file stays, for removing it would let two servers lock two
/// files of one name.
class file_lock {
 public:
  /// The error is one sentence.
  [[nodiscard]] static expected<file_lock, std::string> take(const std::string& database);

  file_lock(file_lock&& other) noexcept;
  file_lock& operator=(file_lock&&) = delete;
  ~file_lock();

 private:
  explicit file_lock(int descriptor) : descriptor_(descriptor) {}

  int descriptor_;
};

} // namespace hubbub
