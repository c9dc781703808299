#pragma once

#include "proto/expected.hpp"
#include "proto/json/base64.hpp" // how a payload spells its binary packets

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace hubbub {

/// The type of a packet. The digit that a text packet starts with is the value (Engine.IO
/// protocol 4, "Packet encoding").
enum class engine_type : std::uint8_t { open, close, ping, pong, message, upgrade, noop };

/// One Engine.IO packet. Binary packets are always messages.
struct engine_packet {
  engine_type type = engine_type::message;
  bool binary = false;
  std::string data;
  friend bool operator==(const engine_packet&, const engine_packet&) = default;
};

enum class engine_error : std::uint8_t {
  empty,        ///< the packet has no type
  unknown_type, ///< the type is not one of 0–6
  invalid_utf8, ///< text that is not valid UTF-8
  invalid_base64,
  too_many, ///< more packets in one payload than allowed
};

/// The separator of packets in a long-polling payload.
inline constexpr char record_separator = '\x1e';

/// Maximum number of packets that one POST may bring. A payload of 1.5 MB could otherwise hold
/// 750,000.
inline constexpr std::size_t max_packets_per_payload = 10'000;

/// Decodes one text packet, as one WebSocket text message carries it. `text` must be UTF-8.
[[nodiscard]] expected<engine_packet, engine_error> decode_engine_text(std::string_view text);

/// Decodes a long-polling request body: packets joined with 0x1e, binary ones as `b` + base64.
[[nodiscard]] expected<std::vector<engine_packet>, engine_error>
decode_engine_payload(std::string_view body);

/// Returns the type's digit.
[[nodiscard]] char to_digit(engine_type type);

} // namespace hubbub
