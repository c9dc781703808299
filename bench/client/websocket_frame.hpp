#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

/// WebSocket frames from a client's side (RFC 6455, section 5): it masks its own frames, and
/// the server's are not masked.
namespace hubbub::bench {

enum class opcode : std::uint8_t { text = 1, binary = 2, close = 8, ping = 9, pong = 10 };

/// The first frame in the received bytes.
struct received_frame {
  enum class kind : std::uint8_t {
    whole,
    partial, ///< its end has not arrived yet
    broken,  ///< masked, with reserved bits, or a fragment: a frame that the server must not
             ///< send here
  };
  kind state = kind::partial;
  opcode code = opcode::text;
  std::string_view payload;
  std::size_t size = 0; ///< size with the header
};

[[nodiscard]] received_frame first_frame(std::string_view bytes);

/// Appends a final frame whose payload is `head` and `tail`, masked with `mask`.
void append_frame(std::string& out, opcode code, std::string_view head, std::string_view tail,
                  std::uint32_t mask);

} // namespace hubbub::bench
