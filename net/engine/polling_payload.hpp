#pragma once

#include "net/websocket/frame_queue.hpp"

#include <cstddef>
#include <string>

namespace hubbub {

/// Maximum number of packets in one answer: python-engineio refuses more.
inline constexpr std::size_t max_packets_per_answer = 16;

/// Takes the next packets from the queue and encodes them as the body of one long-polling
/// answer: as many as fit into `max_bytes`, but at least one. The queue must not be empty.
[[nodiscard]] std::string take_payload(frame_queue& queue, std::size_t max_bytes);

} // namespace hubbub
