#include "actors/crypto/random_id.hpp"

#include "proto/json/hex.hpp"

#include <openssl/crypto.h>
#include <sys/random.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <span>
#include <stdexcept>

namespace hubbub {

namespace {

using random_bits = std::array<std::uint8_t, 16>;

/// Random numbers that were asked for together: a system call for each would cost more than
/// all else about an id. Each is wiped when it is used, so that none is known from memory that
/// an id has been made of.
class random_pool {
 public:
  random_bits take() {
    if (left_ == 0) fill();
    const std::span<std::uint8_t> next{numbers_[--left_]};
    random_bits bits{};
    std::ranges::copy(next, bits.begin());
    OPENSSL_cleanse(next.data(), next.size());
    return bits;
  }

 private:
  void fill() {
    // So few bytes come at once, or not at all if a signal interrupts an early boot.
    while (getrandom(numbers_.data(), sizeof numbers_, 0) !=
           static_cast<ssize_t>(sizeof numbers_))
      if (errno != EINTR) throw std::runtime_error{"the system has no random numbers to give"};
    left_ = numbers_.size();
  }

  std::array<random_bits, 16> numbers_{}; // 256 bytes, of which getrandom gives all or none
  std::size_t left_ = 0;
};

} // namespace

std::string random_id() {
  thread_local random_pool pool;
  const auto bytes = pool.take();
  std::string text;
  append_hex(text, bytes);
  return text;
}

} // namespace hubbub
