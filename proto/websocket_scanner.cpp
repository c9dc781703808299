#include "proto/websocket_scanner.hpp"

#include <algorithm>

namespace hubbub {
namespace {

constexpr unsigned fin_bit = 0x80;
constexpr unsigned mask_bit = 0x80;
constexpr unsigned control_bit = 0x08;
constexpr unsigned length_bits = 0x7f;
constexpr unsigned length_in_16_bits = 126;
constexpr unsigned length_in_64_bits = 127;
constexpr std::uint64_t mask_size = 4;
// No frame is as long as this; what claims to be is refused by its length elsewhere.
constexpr std::uint64_t longest = std::uint64_t{1} << 62U;

} // namespace

bool websocket_scanner::feed(std::string_view bytes, std::size_t max_fragments) {
  while (!bytes.empty()) {
    if (expecting_ == expecting::rest) {
      const auto skipped = std::min<std::uint64_t>(rest_, bytes.size());
      rest_ -= skipped;
      bytes.remove_prefix(static_cast<std::size_t>(skipped));
      if (rest_ == 0) expecting_ = expecting::first_byte;
      continue;
    }
    const auto byte = static_cast<std::uint8_t>(bytes.front());
    bytes.remove_prefix(1);
    if (expecting_ == expecting::first_byte) {
      first_byte_ = byte;
      expecting_ = expecting::second_byte;
      continue;
    }
    if (expecting_ == expecting::second_byte) {
      masked_ = (byte & mask_bit) != 0;
      rest_ = byte & length_bits;
      length_bytes_ = rest_ == length_in_16_bits ? 2 : rest_ == length_in_64_bits ? 8 : 0;
      if (length_bytes_ > 0) rest_ = 0;
      expecting_ = expecting::length;
    } else {
      rest_ = rest_ << 8U | byte;
      --length_bytes_;
    }
    if (length_bytes_ == 0 && !on_header(max_fragments)) return false;
  }
  return true;
}

bool websocket_scanner::on_header(std::size_t max_fragments) {
  rest_ = std::min(rest_, longest) + (masked_ ? mask_size : 0);
  expecting_ = rest_ > 0 ? expecting::rest : expecting::first_byte;
  if ((first_byte_ & control_bit) != 0) return true;
  ++fragments_;
  if (fragments_ > max_fragments) return false;
  if ((first_byte_ & fin_bit) != 0) fragments_ = 0;
  return true;
}

} // namespace hubbub
