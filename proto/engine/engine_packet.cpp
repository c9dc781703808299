#include "proto/engine/engine_packet.hpp"

#include "proto/json/text.hpp"

#include <algorithm>
#include <utility>

namespace hubbub {
namespace {

constexpr char binary_prefix = 'b';

expected<engine_packet, engine_error> decode_payload_packet(std::string_view text) {
  if (!text.starts_with(binary_prefix)) {
    if (!valid_utf8(text)) return unexpected(engine_error::invalid_utf8);
    return decode_engine_text(text);
  }
  auto bytes = decode_base64(text.substr(1));
  if (!bytes) return unexpected(engine_error::invalid_base64);
  return engine_packet{engine_type::message, true, std::move(*bytes)};
}

} // namespace

expected<engine_packet, engine_error> decode_engine_text(std::string_view text) {
  if (text.empty()) return unexpected(engine_error::empty);
  const auto digit = text.front();
  if (digit < '0' || digit > to_digit(engine_type::noop)) {
    return unexpected(engine_error::unknown_type);
  }
  return engine_packet{static_cast<engine_type>(digit - '0'), false,
                       std::string{text.substr(1)}};
}

expected<std::vector<engine_packet>, engine_error>
decode_engine_payload(std::string_view body) {
  const auto separators = std::count(body.begin(), body.end(), record_separator);
  const auto count = static_cast<std::size_t>(separators) + 1;
  if (count > max_packets_per_payload) return unexpected(engine_error::too_many);

  std::vector<engine_packet> packets;
  packets.reserve(count);
  for (std::size_t begin = 0; begin <= body.size();) {
    const auto end = std::min(body.find(record_separator, begin), body.size());
    auto packet = decode_payload_packet(body.substr(begin, end - begin));
    if (!packet) return unexpected(packet.error());
    packets.push_back(std::move(*packet));
    begin = end + 1;
  }
  return packets;
}

char to_digit(engine_type type) {
  return static_cast<char>('0' + static_cast<int>(type));
}

} // namespace hubbub
