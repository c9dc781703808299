#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace hubbub {

/// One outgoing Engine.IO packet, encoded once as an unmasked WebSocket frame (RFC 6455, 5.2)
/// and shared by all its receivers. Immutable, so it may cross threads.
///
/// A text packet's payload starts with its Engine.IO type digit; a binary one is the bare
/// bytes.
class frame {
 public:
  /// The whole WebSocket frame: header and payload.
  [[nodiscard]] std::string_view wire() const {
    return std::string_view{bytes_}.substr(header_at_);
  }
  /// The packet alone, as long-polling sends it (binary ones base64-encoded there).
  [[nodiscard]] std::string_view payload() const {
    return std::string_view{bytes_}.substr(payload_at_);
  }
  [[nodiscard]] bool binary() const { return binary_; }

 private:
  friend class frame_builder;
  friend std::shared_ptr<const frame> raw_frame(std::string);
  std::string bytes_;
  std::size_t payload_at_ = 0;
  std::uint8_t header_at_ = 0;
  bool binary_ = false;
};

using frame_ptr = std::shared_ptr<const frame>;

/// Collects a packet's payload behind room for the longest header, so that finishing copies
/// nothing.
class frame_builder {
 public:
  /// Starts a payload, with `reserve` bytes set aside for it.
  explicit frame_builder(std::size_t reserve = 256);
  /// Where to append the payload. Only append: the first bytes belong to the header.
  [[nodiscard]] std::string& out() { return bytes_; }
  /// Writes the header and hands the frame over; the builder is spent.
  [[nodiscard]] frame_ptr finish(bool binary = false) &&;

 private:
  std::string bytes_;
};

/// A text frame around `payload`.
[[nodiscard]] frame_ptr text_frame(std::string_view payload);
/// A binary frame around `payload`.
[[nodiscard]] frame_ptr binary_frame(std::string_view payload);
/// Bytes that already are a whole WebSocket frame (a control frame); the payload is empty.
[[nodiscard]] frame_ptr raw_frame(std::string wire);

} // namespace hubbub
