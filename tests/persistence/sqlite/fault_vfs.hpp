#pragma once

#include <cstdint>

namespace hubbub::test {

/// The calls to the operating system that can be made to fail.
enum class file_call : std::uint8_t { read, write, sync, map };

/// While it lives, every database that is opened goes through it to the system's files. It
/// counts the calls and makes some fail. A sync does nothing, since the tests do not crash the
/// machine.
class fault_vfs {
 public:
  fault_vfs();
  fault_vfs(const fault_vfs&) = delete;
  fault_vfs& operator=(const fault_vfs&) = delete;
  /// Removes it; every database must be closed.
  ~fault_vfs();

  /// Makes the n-th call from now on (1 is the next) fail with SQLite's `code`, and with
  /// `lasting` all after it, until `heal`. Only one failure can be set at a time.
  void fail(file_call call, std::int64_t nth, int code, bool lasting);
  void heal();
  /// True if a call failed since the last `fail`.
  [[nodiscard]] bool failed() const;
  /// Returns the number of calls so far.
  [[nodiscard]] std::int64_t count(file_call call) const;
};

} // namespace hubbub::test
