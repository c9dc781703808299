#include "net/engine/polling_payload.hpp"

#include "proto/engine/engine_packet.hpp"

namespace hubbub {
namespace {

std::size_t encoded_size(const frame& packet) {
  const auto size = packet.payload_size();
  return packet.binary() ? 1 + (size + 2) / 3 * 4 : size;
}

} // namespace

std::string take_payload(frame_queue& queue, std::size_t max_bytes) {
  std::string body;
  for (std::size_t taken = 0; taken < max_packets_per_answer && !queue.empty(); ++taken) {
    const auto& packet = *queue.front();
    if (taken > 0) {
      if (body.size() + 1 + encoded_size(packet) > max_bytes) break;
      body += record_separator;
    }
    if (packet.binary()) {
      body += 'b';
      append_base64(body, packet.payload_pieces()[0]);
    } else {
      for (const auto piece : packet.payload_pieces())
        body += piece;
    }
    queue.pop();
  }
  return body;
}

} // namespace hubbub
