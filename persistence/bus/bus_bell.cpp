#include "persistence/bus/bus_bell.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cstdint>

namespace hubbub {

bus_bell::bus_bell() : descriptor_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {}

bus_bell::~bus_bell() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

void bus_bell::ring() const {
  const std::uint64_t one = 1;
  // It fails only if it has been rung 2^64 times already.
  static_cast<void>(::write(descriptor_, &one, sizeof one) == sizeof one);
}

void bus_bell::hush() const {
  std::uint64_t rings = 0;
  static_cast<void>(::read(descriptor_, &rings, sizeof rings) == sizeof rings);
}

void bus_bell::wait(std::chrono::milliseconds patience) const {
  pollfd waits{descriptor_, POLLIN, 0};
  if (::poll(&waits, 1, static_cast<int>(patience.count())) > 0) hush();
}

} // namespace hubbub
