#include "proto/engine/engine_packet.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>

using namespace hubbub;

/// Checks that a payload that decodes, encoded again, decodes to the same packets.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view body{reinterpret_cast<const char*>(data), size};
  static_cast<void>(decode_engine_text(body));
  const auto packets = decode_engine_payload(body);
  if (!packets) return 0;

  std::string again;
  for (const auto& packet : *packets) {
    if (!again.empty()) again += record_separator;
    again += packet.binary ? 'b' : to_digit(packet.type);
    if (packet.binary) {
      append_base64(again, packet.data);
    } else {
      again += packet.data;
    }
  }
  if (decode_engine_payload(again) != packets) std::abort();
  return 0;
}
