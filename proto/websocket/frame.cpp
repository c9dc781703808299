#include "proto/websocket/frame.hpp"

#include <cstddef>
#include <utility>

namespace hubbub {
namespace {

// Longest header (RFC 6455, 5.2). A server's frames are never masked, so the second byte holds
// only the length.
constexpr std::size_t max_header = 10;
constexpr unsigned fin = 0x80;
constexpr unsigned compressed = 0x40; // the bit RSV1
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

/// Writes the header of a final frame so that it ends at `end`; returns where it begins.
std::size_t write_header(std::string& bytes, std::size_t end, std::size_t payload, bool binary,
                         unsigned flags = 0) {
  const auto header_at = end - header_size(payload);
  bytes[header_at] = static_cast<char>(fin | flags | (binary ? binary_opcode : text_opcode));
  bytes[header_at + 1] = static_cast<char>(length_code(payload));
  auto rest = payload;
  for (auto at = end; at > header_at + 2; --at, rest >>= 8U)
    bytes[at - 1] = static_cast<char>(rest & 0xffU);
  return header_at;
}

std::string join(const byte_pieces& pieces) {
  std::string all;
  for (const auto piece : pieces)
    all += piece;
  return all;
}

} // namespace

frame_builder::frame_builder(std::size_t reserve) {
  bytes_.reserve(max_header + reserve);
  bytes_.resize(max_header);
}

frame_ptr frame_builder::finish(bool binary, message_span about) && {
  const auto header_at = write_header(bytes_, max_header, bytes_.size() - max_header, binary);
  auto made = std::make_shared<frame>();
  made->bytes_ = std::move(bytes_);
  made->header_at_ = static_cast<std::uint8_t>(header_at);
  made->payload_at_ = max_header;
  made->binary_ = binary;
  made->about_ = std::move(about);
  return made;
}

frame_ptr with_last_argument(const frame_ptr& event, std::string_view text) {
  // The shared payload is without its last byte, so that the array stays open there.
  const auto shared = event->payload_size() - 1;
  auto made = std::make_shared<frame>();
  auto& bytes = made->bytes_;
  bytes.reserve(max_header + text.size() + 4);
  bytes.resize(max_header);
  bytes += ",\"";
  bytes += text;
  bytes += "\"]";
  const auto payload = shared + bytes.size() - max_header;
  made->header_at_ = static_cast<std::uint8_t>(write_header(bytes, max_header, payload, false));
  made->payload_at_ = max_header;
  made->shared_ = event;
  made->shared_size_ = shared;
  made->about_ = event->about_;
  return made;
}

frame_ptr deflated_frame(const frame& plain, frame_ptr body, std::size_t size,
                         std::string_view tail) {
  auto made = std::make_shared<frame>();
  auto& bytes = made->bytes_;
  bytes.reserve(max_header + tail.size());
  bytes.resize(max_header);
  bytes += tail;
  made->header_at_ = static_cast<std::uint8_t>(
      write_header(bytes, max_header, size + tail.size(), plain.binary_, compressed));
  made->payload_at_ = max_header;
  made->binary_ = plain.binary_;
  made->about_ = plain.about_;
  made->shared_ = std::move(body);
  made->shared_size_ = size;
  return made;
}

byte_pieces frame::wire_pieces() const {
  const std::string_view own{bytes_};
  if (!shared_) return {own.substr(header_at_)};
  return {own.substr(header_at_, payload_at_ - header_at_),
          shared_->payload_pieces()[0].substr(0, shared_size_), own.substr(payload_at_)};
}

byte_pieces frame::payload_pieces() const {
  const auto own = std::string_view{bytes_}.substr(payload_at_);
  if (!shared_) return {own};
  return {shared_->payload_pieces()[0].substr(0, shared_size_), own};
}

std::string frame::wire_copy() const {
  return join(wire_pieces());
}

std::string frame::payload_copy() const {
  return join(payload_pieces());
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
