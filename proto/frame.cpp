#include "proto/frame.hpp"

#include <cstddef>
#include <utility>

namespace hubbub {
namespace {

// RFC 6455, 5.2. A server's frames are never masked, so the second byte is the length alone.
constexpr std::size_t max_header = 10;
constexpr unsigned fin = 0x80;
constexpr unsigned text_opcode = 0x1;
constexpr unsigned binary_opcode = 0x2;
constexpr std::size_t max_short_length = 125;
constexpr std::size_t max_16_bit_length = 0xffff;
constexpr unsigned length_in_16_bits = 126;
constexpr unsigned length_in_64_bits = 127;

constexpr std::size_t header_size(std::size_t payload) {
  if (payload <= max_short_length) return 2;
  return payload <= max_16_bit_length ? 4 : max_header;
}

constexpr unsigned length_code(std::size_t payload) {
  if (payload <= max_short_length) return static_cast<unsigned>(payload);
  return payload <= max_16_bit_length ? length_in_16_bits : length_in_64_bits;
}

} // namespace

frame_builder::frame_builder(std::size_t reserve) {
  bytes_.reserve(max_header + reserve);
  bytes_.resize(max_header);
}

frame_ptr frame_builder::finish(bool binary) && {
  const auto payload = bytes_.size() - max_header;
  const auto header = header_size(payload);
  const auto header_at = max_header - header;

  bytes_[header_at] = static_cast<char>(fin | (binary ? binary_opcode : text_opcode));
  bytes_[header_at + 1] = static_cast<char>(length_code(payload));
  auto rest = payload;
  for (auto at = max_header; at > header_at + 2; --at, rest >>= 8U) {
    bytes_[at - 1] = static_cast<char>(rest & 0xffU);
  }

  auto made = std::make_shared<frame>();
  made->bytes_ = std::move(bytes_);
  made->header_at_ = static_cast<std::uint8_t>(header_at);
  made->payload_at_ = max_header;
  made->binary_ = binary;
  return made;
}

frame_ptr text_frame(std::string_view payload) {
  frame_builder builder{payload.size()};
  builder.out() += payload;
  return std::move(builder).finish();
}

frame_ptr binary_frame(std::string_view payload) {
  frame_builder builder{payload.size()};
  builder.out() += payload;
  return std::move(builder).finish(true);
}

frame_ptr raw_frame(std::string wire) {
  auto made = std::make_shared<frame>();
  made->bytes_ = std::move(wire);
  made->payload_at_ = made->bytes_.size();
  return made;
}

} // namespace hubbub
