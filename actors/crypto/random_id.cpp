#include "actors/crypto/random_id.hpp"

#include "proto/json/hex.hpp"

#include <openssl/crypto.h>
#include <pthread.h>
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

// How many forks lie between the first process and this one, which must not use numbers of its
// parent. A fork leaves the child one thread, so nobody else looks at it.
unsigned forks = 0;
[[maybe_unused]] const int watched = pthread_atfork(nullptr, nullptr, [] { ++forks; });

/// Random numbers that were asked for together: a system call for each would cost more than
/// all else about an id. Each is wiped when it is used, so that none is known from memory that
/// an id has been made of.
class random_pool {
 public:
  random_bits take() {
    if (left_ == 0 || owner_ != forks) fill();
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
    owner_ = forks;
  }

  std::array<random_bits, 16> numbers_{}; // 256 bytes, of which getrandom gives all or none
  std::size_t left_ = 0;
  unsigned owner_ = 0; ///< `forks` when they were asked for
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
