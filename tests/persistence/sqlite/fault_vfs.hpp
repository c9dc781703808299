#pragma once

#include <cstdint>

namespace hubbub::test {

/// What SQLite asks of the operating system and what can be made to fail.
enum class file_call : std::uint8_t { read, write, sync, map };

/// While it lives, every database that is opened goes through it to the system's files. It
/// counts the calls and lets some fail. A sync does nothing: the tests kill no machine.
class fault_vfs {
 public:
  fault_vfs();
  fault_vfs(const fault_vfs&) = delete;
  fault_vfs& operator=(const fault_vfs&) = delete;
  /// Every database must be closed.
  ~fault_vfs();

  /// From now on the n-th call (1 is the next) fails with SQLite's `code`; `lasting`: and all
  /// after it, until `heal`. One at a time.
  void fail(file_call call, std::int64_t nth, int code, bool lasting);
  void heal();
  /// Whether a call failed since the last `fail`.
  [[nodiscard]] bool failed() const;
  /// Calls so far.
  [[nodiscard]] std::int64_t count(file_call call) const;
};

} // namespace hubbub::test
