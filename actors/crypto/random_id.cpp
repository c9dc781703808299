#include "actors/crypto/random_id.hpp"

#include "proto/json/hex.hpp"

#include <sys/random.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <stdexcept>

namespace hubbub {

std::string random_id() {
  std::array<std::uint8_t, 16> bytes{};
  // So few bytes come at once, or not at all if a signal interrupts an early boot.
  while (getrandom(bytes.data(), bytes.size(), 0) != std::ssize(bytes))
    if (errno != EINTR) throw std::runtime_error{"the system has no random numbers to give"};
  std::string text;
  append_hex(text, bytes);
  return text;
}

} // namespace hubbub
