#include "bench/peers/floor/sha1.hpp"

#include <bit>
#include <cstddef>

namespace hubbub::floor {
namespace {

constexpr std::size_t block = 64;
constexpr std::size_t length_field = 8;
using state = std::array<std::uint32_t, 5>;

struct step {
  std::uint32_t mixed;
  std::uint32_t constant;
};

step step_of(std::size_t round, std::uint32_t b, std::uint32_t c, std::uint32_t d) {
  if (round < 20) return {(b & c) | (~b & d), 0x5a827999U};
  if (round < 40) return {b ^ c ^ d, 0x6ed9eba1U};
  if (round < 60) return {(b & c) | (b & d) | (c & d), 0x8f1bbcdcU};
  return {b ^ c ^ d, 0xca62c1d6U};
}

void add_block(state& h, const char* bytes) {
  std::array<std::uint32_t, 80> w{};
  for (std::size_t i = 0; i < block; ++i)
    w[i / 4] = w[i / 4] << 8U | static_cast<unsigned char>(bytes[i]);
  for (std::size_t i = 16; i < w.size(); ++i)
    w[i] = std::rotl(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
  auto [a, b, c, d, e] = h;
  for (std::size_t i = 0; i < w.size(); ++i) {
    const auto [mixed, constant] = step_of(i, b, c, d);
    const auto next = std::rotl(a, 5) + mixed + e + constant + w[i];
    e = d;
    d = c;
    c = std::rotl(b, 30);
    b = a;
    a = next;
  }
  h = {h[0] + a, h[1] + b, h[2] + c, h[3] + d, h[4] + e};
}

} // namespace

std::array<std::uint8_t, 20> sha1(std::string bytes) {
  const std::uint64_t bits = bytes.size() * 8;
  bytes += '\x80';
  while (bytes.size() % block != block - length_field)
    bytes += '\0';
  for (unsigned shift = block; shift > 0;)
    bytes += static_cast<char>(bits >> (shift -= 8));

  state h{0x67452301U, 0xefcdab89U, 0x98badcfeU, 0x10325476U, 0xc3d2e1f0U};
  for (std::size_t at = 0; at < bytes.size(); at += block)
    add_block(h, bytes.data() + at);
  std::array<std::uint8_t, 20> digest{};
  for (std::size_t i = 0; i < digest.size(); ++i)
    digest[i] = static_cast<std::uint8_t>(h[i / 4] >> (24 - i % 4 * 8));
  return digest;
}

} // namespace hubbub::floor
