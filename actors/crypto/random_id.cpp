#include "actors/crypto/random_id.hpp"

#include <sys/random.h>

#include <array>
#include <cerrno>
#include <stdexcept>

namespace hubbub {

std::string random_id() {
  std::array<unsigned char, 16> bytes{};
  // So few bytes come at once, or not at all if a signal interrupts an early boot.
  while (getrandom(bytes.data(), bytes.size(), 0) != std::ssize(bytes))
    if (errno != EINTR) throw std::runtime_error{"the system has no random numbers to give"};
  constexpr auto digits = "0123456789abcdef";
  std::string text;
  text.reserve(2 * bytes.size());
  for (const auto byte : bytes) {
    text += digits[byte >> 4U];
    text += digits[byte & 15U];
  }
  return text;
}

} // namespace hubbub
