#pragma once

#include <chrono>

namespace hubbub {

/// Wakes the thread that waits on a bus. Any thread may ring; a ring while nobody waits is
/// kept. It is a descriptor (eventfd), which the thread polls beside its sockets.
class bus_bell {
 public:
  bus_bell();
  ~bus_bell();
  bus_bell(const bus_bell&) = delete;
  bus_bell& operator=(const bus_bell&) = delete;

  void ring() const;
  /// Forgets the rings so far. What was said before them can be seen by the caller.
  void hush() const;
  /// Waits for a ring, at most for `patience`, and forgets it.
  void wait(std::chrono::milliseconds patience) const;
  /// Returns the descriptor; without one (the process has too many) it is -1, which `poll`
  /// ignores.
  [[nodiscard]] int descriptor() const { return descriptor_; }

 private:
  int descriptor_;
};

} // namespace hubbub
