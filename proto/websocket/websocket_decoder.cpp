#include "proto/websocket/websocket_decoder.hpp"

#include "proto/json/text.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace hubbub {
namespace {

// The bits of the first byte (RFC 6455, 5.2).
constexpr unsigned fin_bit = 0x80;
constexpr unsigned compressed_bit = 0x40; // the bit RSV1
constexpr unsigned reserved_bits = 0x30;
constexpr unsigned opcode_bits = 0x0f;
constexpr unsigned control_bit = 0x08;
// The bits of the second byte.
constexpr unsigned mask_bit = 0x80;
constexpr unsigned length_bits = 0x7f;
constexpr unsigned code_of_16_bits = 126;
constexpr unsigned code_of_64_bits = 127;

constexpr unsigned continuation = 0x0;
constexpr unsigned text = 0x1;
constexpr unsigned binary = 0x2;
constexpr unsigned close = 0x8;
constexpr unsigned ping = 0x9;
constexpr unsigned pong = 0xa;

constexpr std::size_t mask_size = 4;
constexpr std::size_t longest_control = 125;
constexpr std::uint64_t longest_short = 125;
constexpr std::uint64_t longest_16_bit = 0xffff;
constexpr std::uint64_t longest_frame = ~std::uint64_t{0} >> 1U;

/// True if an endpoint may send this code (RFC 6455, 7.4, and what IANA has registered since).
bool may_be_sent(unsigned code) {
  return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) ||
         (code >= 3000 && code <= 4999);
}

/// Returns the longest compressed form of `plain` bytes. Incompressible data gains the heads of
/// its blocks: five bytes for each 127, from a compressor with the smallest memory level of
/// zlib.
std::uint64_t longest_compressed(std::uint64_t plain) {
  return plain + plain / 16 + 64;
}

/// Appends `from` unmasked; `mask_at` is the index of the next byte of the mask.
void append_unmasked(std::string& to, std::string_view from, const std::uint8_t* mask,
                     unsigned mask_at) {
  constexpr std::size_t step = sizeof(std::uint64_t);
  std::array<char, step> turned;
  for (std::size_t i = 0; i < step; ++i)
    turned[i] = static_cast<char>(mask[(mask_at + i) % mask_size]);
  std::uint64_t wide_mask = 0;
  std::memcpy(&wide_mask, turned.data(), step);

  const auto begin = to.size();
  to.append(from);
  auto* out = to.data() + begin;
  std::size_t at = 0;
  for (; at + step <= from.size(); at += step) {
    std::uint64_t wide = 0;
    std::memcpy(&wide, out + at, step);
    wide ^= wide_mask;
    std::memcpy(out + at, &wide, step);
  }
  for (; at < from.size(); ++at)
    out[at] = static_cast<char>(out[at] ^ turned[at % step]);
}

} // namespace

std::uint16_t close_code_of(websocket_error why) {
  switch (why) {
  case websocket_error::protocol: return 1002;
  case websocket_error::bad_text: return 1007;
  case websocket_error::too_many_fragments: return 1008;
  case websocket_error::too_large: return 1009;
  }
  return 1002;
}

expected<std::optional<websocket_input>, websocket_error>
websocket_decoder::feed(std::string_view& bytes) {
  while (!bytes.empty()) {
    if (header_bytes_ < header_size()) {
      if (!take_header(bytes)) break;
      if (const auto why = on_header()) return unexpected(*why);
    }
    take_payload(bytes);
    if (rest_ > 0) break;
    header_bytes_ = 0;
    auto done = on_frame();
    if (!done || *done) return done;
  }
  return std::nullopt;
}

/// Returns the size of the header, as far as it is known: the first two bytes tell it.
std::size_t websocket_decoder::header_size() const {
  if (header_bytes_ < 2) return 2;
  const auto length = header_[1] & length_bits;
  const std::size_t more = length == code_of_16_bits ? 2 : length == code_of_64_bits ? 8 : 0;
  return 2 + more + ((header_[1] & mask_bit) != 0 ? mask_size : 0);
}

unsigned websocket_decoder::opcode() const {
  return header_[0] & opcode_bits;
}

bool websocket_decoder::is_control() const {
  return (header_[0] & control_bit) != 0;
}

bool websocket_decoder::is_last() const {
  return (header_[0] & fin_bit) != 0;
}

/// Takes bytes of the header; true once it is complete.
bool websocket_decoder::take_header(std::string_view& bytes) {
  while (header_bytes_ < header_size()) {
    if (bytes.empty()) return false;
    const auto count = std::min(header_size() - header_bytes_, bytes.size());
    std::memcpy(header_.data() + header_bytes_, bytes.data(), count);
    header_bytes_ = static_cast<std::uint8_t>(header_bytes_ + count);
    bytes.remove_prefix(count);
  }
  return true;
}

std::optional<websocket_error> websocket_decoder::on_header() {
  const bool masked = (header_[1] & mask_bit) != 0;
  if (!masked || (header_[0] & reserved_bits) != 0) return websocket_error::protocol;
  const unsigned code = header_[1] & length_bits;
  rest_ = code;
  if (code > longest_short) {
    rest_ = 0;
    for (std::size_t at = 2; at < header_size() - mask_size; ++at)
      rest_ = rest_ << 8U | header_[at];
  }
  const bool shortest = (code != code_of_16_bits || rest_ > longest_short) &&
                        (code != code_of_64_bits || rest_ > longest_16_bit);
  if (!shortest || rest_ > longest_frame) return websocket_error::protocol;
  mask_at_ = 0;
  return is_control() ? on_control_header() : on_data_header();
}

std::optional<websocket_error> websocket_decoder::on_control_header() const {
  const auto kind = opcode();
  const bool known = kind == close || kind == ping || kind == pong;
  if (!known || !is_last() || rest_ > longest_control || (header_[0] & compressed_bit) != 0)
    return websocket_error::protocol;
  return std::nullopt;
}

std::optional<websocket_error> websocket_decoder::on_data_header() {
  const auto kind = opcode();
  const bool first = kind == text || kind == binary;
  const bool compressed = (header_[0] & compressed_bit) != 0;
  if ((!first && kind != continuation) || first != (fragments_ == 0) ||
      (compressed && !(first && limits_.compression)))
    return websocket_error::protocol;
  if (first) {
    binary_ = kind == binary;
    compressed_ = compressed;
  }
  if (++fragments_ > limits_.max_fragments) return websocket_error::too_many_fragments;
  const auto most = compressed_ ? longest_compressed(limits_.max_message) : limits_.max_message;
  if (rest_ > most - message_.size()) return websocket_error::too_large;
  return std::nullopt;
}

/// Takes bytes of the payload. Memory is allocated only for what has come: a declared length is
/// only a claim.
void websocket_decoder::take_payload(std::string_view& bytes) {
  const auto part =
      bytes.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(rest_, bytes.size())));
  if (is_control() && !control_) control_ = std::make_unique<std::string>();
  append_unmasked(is_control() ? *control_ : message_, part,
                  header_.data() + header_size() - mask_size, mask_at_);
  mask_at_ = static_cast<std::uint8_t>((mask_at_ + part.size()) % mask_size);
  rest_ -= part.size();
  bytes.remove_prefix(part.size());
}

websocket_decoder::outcome websocket_decoder::on_frame() {
  if (is_control()) return on_control_frame();
  if (!is_last()) return std::nullopt;
  fragments_ = 0;
  websocket_message message{std::exchange(message_, {}), binary_, compressed_};
  if (!binary_ && !compressed_ && !valid_utf8(message.data))
    return unexpected(websocket_error::bad_text);
  return websocket_input{std::move(message)};
}

websocket_decoder::outcome websocket_decoder::on_control_frame() {
  auto payload = std::move(*control_);
  control_.reset();
  switch (opcode()) {
  case ping: return websocket_input{websocket_ping{std::move(payload)}};
  case close: return on_close(payload);
  default: return std::nullopt;
  }
}

websocket_decoder::outcome websocket_decoder::on_close(std::string_view payload) const {
  if (payload.empty()) return websocket_input{websocket_close{}};
  if (payload.size() == 1) return unexpected(websocket_error::protocol);
  const auto code = static_cast<unsigned>(static_cast<std::uint8_t>(payload[0])) << 8U |
                    static_cast<std::uint8_t>(payload[1]);
  if (!may_be_sent(code)) return unexpected(websocket_error::protocol);
  if (!valid_utf8(payload.substr(2))) return unexpected(websocket_error::bad_text);
  return websocket_input{websocket_close{static_cast<std::uint16_t>(code)}};
}

} // namespace hubbub
