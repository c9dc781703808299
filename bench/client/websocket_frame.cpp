#include "bench/client/websocket_frame.hpp"

#include <array>

namespace hubbub::bench {
namespace {

constexpr unsigned final_bit = 0x80;
constexpr unsigned mask_bit = 0x80;
constexpr unsigned reserved_bits = 0x70;
constexpr unsigned opcode_bits = 0x0f;
// Lengths from here on are written in two or eight bytes after a marker.
constexpr std::size_t two_byte_length = 126;
constexpr std::size_t eight_byte_length = 127;
constexpr std::uint64_t longest_payload = 256 * 1024 * 1024;

std::uint64_t read_big_endian(std::string_view bytes) {
  std::uint64_t number = 0;
  for (const auto byte : bytes)
    number = number << 8U | static_cast<unsigned char>(byte);
  return number;
}

void append_big_endian(std::string& out, std::uint64_t number, unsigned bytes) {
  while (bytes-- > 0)
    out += static_cast<char>(number >> 8U * bytes & 0xffU);
}

} // namespace

received_frame first_frame(std::string_view bytes) {
  using kind = received_frame::kind;
  std::size_t header = 2;
  if (bytes.size() < header) return {};
  const auto first = static_cast<unsigned char>(bytes[0]);
  std::uint64_t length = static_cast<unsigned char>(bytes[1]);
  if ((first & (final_bit | reserved_bits)) != final_bit || (length & mask_bit) != 0)
    return {kind::broken, {}, {}, 0};
  if (length >= two_byte_length) {
    const std::size_t wide = length == two_byte_length ? 2 : 8;
    header += wide;
    if (bytes.size() < header) return {};
    length = read_big_endian(bytes.substr(2, wide));
    if (length > longest_payload) return {kind::broken, {}, {}, 0};
  }
  if (bytes.size() - header < length) return {};
  return {kind::whole, static_cast<opcode>(first & opcode_bits), bytes.substr(header, length),
          header + length};
}

void append_frame(std::string& out, opcode code, std::string_view head, std::string_view tail,
                  std::uint32_t mask) {
  const auto size = head.size() + tail.size();
  out += static_cast<char>(final_bit | static_cast<unsigned>(code));
  if (size < two_byte_length) {
    out += static_cast<char>(mask_bit | size);
  } else if (size <= 0xffff) {
    out += static_cast<char>(mask_bit | two_byte_length);
    append_big_endian(out, size, 2);
  } else {
    out += static_cast<char>(mask_bit | eight_byte_length);
    append_big_endian(out, size, 8);
  }
  const std::array<char, 4> key{
      static_cast<char>(mask >> 24U), static_cast<char>(mask >> 16U & 0xffU),
      static_cast<char>(mask >> 8U & 0xffU), static_cast<char>(mask & 0xffU)};
  out.append(key.data(), key.size());
  const auto begin = out.size();
  out.append(head).append(tail);
  for (std::size_t i = 0; i < size; ++i)
    out[begin + i] = static_cast<char>(out[begin + i] ^ key[i % key.size()]);
}

} // namespace hubbub::bench
