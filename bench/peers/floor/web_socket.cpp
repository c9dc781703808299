#include "bench/peers/floor/web_socket.hpp"

#include "bench/peers/floor/sha1.hpp"
#include "proto/json/base64.hpp"

#include <algorithm>
#include <array>
#include <cctype>

namespace hubbub::floor {
namespace {

constexpr std::size_t max_payload = 1'000'000;
constexpr std::size_t mask_size = 4;
// Lengths from here on are written in two or eight bytes after a marker.
constexpr std::size_t two_byte_length = 126;
constexpr std::size_t eight_byte_length = 127;

bool same_letters(char a, char b) {
  return std::tolower(static_cast<unsigned char>(a)) ==
         std::tolower(static_cast<unsigned char>(b));
}

} // namespace

std::optional<std::string_view> web_socket_key(std::string_view head) {
  constexpr std::string_view name = "\r\nsec-websocket-key:";
  const auto* const found =
      std::search(head.begin(), head.end(), name.begin(), name.end(), same_letters);
  if (found == head.end()) return {};
  auto value = head.substr(static_cast<std::size_t>(found - head.begin()) + name.size());
  value = value.substr(0, value.find('\r'));
  value.remove_prefix(std::min(value.find_first_not_of(' '), value.size()));
  return value;
}

std::string accept_web_socket(std::string_view key) {
  constexpr std::string_view fixed = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  const auto digest = sha1(std::string{key}.append(fixed));
  std::string response = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                         "Connection: Upgrade\r\nSec-WebSocket-Accept: ";
  append_base64(response, {reinterpret_cast<const char*>(digest.data()), digest.size()});
  return response += "\r\n\r\n";
}

reading read_frame(std::span<char> bytes, client_frame& out) {
  const auto byte = [bytes](std::size_t at) { return static_cast<unsigned char>(bytes[at]); };
  if (bytes.size() < 2) return reading::incomplete;
  const bool last = (byte(0) & 0x80U) != 0;
  const bool masked = (byte(1) & 0x80U) != 0;
  if (!last || !masked) return reading::violation;

  std::size_t header = 2;
  std::size_t length = byte(1) & 0x7fU;
  if (length >= two_byte_length) {
    const std::size_t wide = length == eight_byte_length ? 8 : 2;
    if (bytes.size() < header + wide) return reading::incomplete;
    length = 0;
    for (std::size_t i = 0; i < wide; ++i)
      length = length << 8U | byte(header + i);
    header += wide;
  }
  if (length > max_payload) return reading::violation;
  if (bytes.size() < header + mask_size + length) return reading::incomplete;

  const auto mask = bytes.subspan(header, mask_size);
  const auto payload = bytes.subspan(header + mask_size, length);
  for (std::size_t i = 0; i < length; ++i)
    payload[i] = static_cast<char>(payload[i] ^ mask[i % mask_size]);
  out = {static_cast<opcode>(byte(0) & 0x0fU),
         {payload.data(), length},
         header + mask_size + length};
  return reading::complete;
}

} // namespace hubbub::floor
