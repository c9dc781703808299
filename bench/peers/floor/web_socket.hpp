#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

/// The server's side of a WebSocket (RFC 6455), as far as clients that do not fragment need it.
namespace hubbub::floor {

/// Finds the WebSocket key in the head of an HTTP request; nothing if the request is not for a
/// WebSocket.
[[nodiscard]] std::optional<std::string_view> web_socket_key(std::string_view head);

/// Makes the HTTP answer that turns the connection into a WebSocket.
[[nodiscard]] std::string accept_web_socket(std::string_view key);

enum class opcode : std::uint8_t { text = 1, close = 8, ping = 9, pong = 10 };

struct client_frame {
  opcode kind{};
  std::string_view payload;
  std::size_t size = 0; ///< size with the header
};

enum class reading : std::uint8_t {
  complete,
  incomplete, ///< more bytes are needed
  violation,  ///< not masked, a fragment, or too large
};

/// Reads the first frame of `bytes` and unmasks it in place.
[[nodiscard]] reading read_frame(std::span<char> bytes, client_frame& out);

} // namespace hubbub::floor
