#pragma once

#include "proto/expected.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace hubbub {

/// Bounds on what the client of one WebSocket may send.
struct websocket_limits {
  /// Maximum number of bytes of all frames of a message together.
  std::size_t max_message = 1'000'000;
  std::size_t max_fragments = 1'000; ///< maximum number of frames of a message
  bool compression = false;          ///< permessage-deflate was negotiated
};

/// A message from a client's frames (RFC 6455, 5). Pongs carry no information and are skipped.
struct websocket_message {
  std::string data; ///< text is well-formed UTF-8, unless it is compressed
  bool binary = false;
  bool compressed = false; ///< the inflated data has not been checked yet
};
struct websocket_ping {
  std::string data; ///< the payload to send back in the pong; at most 125 bytes
};
struct websocket_close {
  std::optional<std::uint16_t> code; ///< the close code, if it is one that may be sent
};
using websocket_input = std::variant<websocket_message, websocket_ping, websocket_close>;

/// Why the input of a client is not read any more.
enum class websocket_error : std::uint8_t {
  protocol,           ///< a frame that RFC 6455 does not allow, or that was not negotiated
  bad_text,           ///< a text message, or the reason of a close, is not UTF-8
  too_many_fragments, ///< too many frames in one message
  too_large,          ///< a message, or the length that a frame declares, is too large
};
/// Returns the code of the close frame that tells the client (RFC 6455, 7.4.1).
[[nodiscard]] std::uint16_t close_code_of(websocket_error why);

/// Decodes the bytes of a WebSocket's client: finds the frames, unmasks them, and assembles
/// messages from their fragments, between which control frames may come. An idle decoder holds
/// no memory. After an error or a close it must not be used again.
class websocket_decoder {
 public:
  explicit websocket_decoder(const websocket_limits& limits) : limits_(limits) {}

  /// Takes bytes off the front of `bytes`, which may be cut anywhere, up to the end of one
  /// message or control frame. If it returns no value, all bytes are taken and more are needed.
  [[nodiscard]] expected<std::optional<websocket_input>, websocket_error>
  feed(std::string_view& bytes);

  /// Returns how many bytes of the current payload are still to come, as far as its frame
  /// declares them.
  [[nodiscard]] std::size_t missing() const { return static_cast<std::size_t>(rest_); }
  /// Returns how many bytes are held of a message or control frame that is not complete.
  [[nodiscard]] std::size_t held() const {
    return message_.size() + (control_ ? control_->size() : 0);
  }

 private:
  using outcome = expected<std::optional<websocket_input>, websocket_error>;

  [[nodiscard]] bool take_header(std::string_view& bytes);
  [[nodiscard]] std::optional<websocket_error> on_header();
  [[nodiscard]] std::optional<websocket_error> on_control_header() const;
  [[nodiscard]] std::optional<websocket_error> on_data_header();
  void take_payload(std::string_view& bytes);
  [[nodiscard]] outcome on_frame();
  [[nodiscard]] outcome on_control_frame();
  [[nodiscard]] outcome on_close(std::string_view payload) const;
  [[nodiscard]] std::size_t header_size() const;
  [[nodiscard]] unsigned opcode() const;
  [[nodiscard]] bool is_control() const;
  [[nodiscard]] bool is_last() const;

  // Longest header: two bytes, a length of eight and the mask.
  static constexpr std::size_t longest_header = 14;

  websocket_limits limits_;
  std::string message_; ///< unmasked bytes of the message's frames so far
  /// Unmasked bytes of a control frame so far; by itself, since few clients
  /// send one.
  std::unique_ptr<std::string> control_;
  std::uint64_t rest_ = 0; ///< bytes of this frame's payload that are still to come
  /// Frames of the current message, including this one; 0: there is no message.
  std::uint32_t fragments_ = 0;
  std::uint8_t header_bytes_ = 0; ///< bytes of the header that have come
  std::uint8_t mask_at_ = 0;      ///< index of the next byte of the mask
  bool binary_ = false;
  bool compressed_ = false;
  std::array<std::uint8_t, longest_header> header_{};
};

} // namespace hubbub
