#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// WebSocket frames as a client sees them (RFC 6455, section 5): its own are masked, the
/// server's are not.
namespace hubbub::bench {

enum class opcode : std::uint8_t { text = 1, binary = 2, close = 8, ping = 9, pong = 10 };

/// One frame at the beginning of what was received.
struct received_frame {
  opcode kind = opcode::text;
  std::string_view payload;
  std::size_t size = 0; ///< with its header
};

/// Empty: its end has not arrived yet. The server is trusted not to fragment its messages.
[[nodiscard]] std::optional<received_frame> first_frame(std::string_view bytes);

/// Appends a final frame, masked with `mask`.
void append_frame(std::string& out, opcode kind, std::string_view payload, std::uint32_t mask);

} // namespace hubbub::bench
