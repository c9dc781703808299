#pragma once

#include "proto/message_span.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace hubbub {

/// Bytes that follow one another, in up to three pieces; the pieces not needed are empty.
using byte_pieces = std::array<std::string_view, 3>;

/// One outgoing Engine.IO packet, encoded once as an unmasked WebSocket frame (RFC 6455, 5.2)
/// and shared by all its receivers. Immutable, so it may cross threads.
///
/// The payload of a text packet starts with its Engine.IO type digit; a binary packet is just
/// the bytes.
class frame {
 public:
  /// Returns the whole WebSocket frame: header and payload.
  [[nodiscard]] byte_pieces wire_pieces() const;
  [[nodiscard]] std::size_t wire_size() const {
    return bytes_.size() - header_at_ + shared_size_;
  }
  /// Returns the whole WebSocket frame if it lies in one piece; else an empty view.
  [[nodiscard]] std::string_view wire_in_one() const {
    return shared_ ? std::string_view{} : std::string_view{bytes_}.substr(header_at_);
  }
  /// Returns the packet without a header, as long-polling sends it (binary ones base64-encoded
  /// there).
  [[nodiscard]] byte_pieces payload_pieces() const;
  [[nodiscard]] std::size_t payload_size() const {
    return bytes_.size() - payload_at_ + shared_size_;
  }
  [[nodiscard]] bool binary() const { return binary_; }
  /// Returns the frame whose payload this one's begins with, shared with other frames; null if
  /// there is none.
  [[nodiscard]] const std::shared_ptr<const frame>& shared() const { return shared_; }
  /// Returns the message of a room that this frame carries, or the gap in its place; see
  /// `message_span`.
  [[nodiscard]] const message_span& about() const { return about_; }

  /// Returns a copy of the whole WebSocket frame in one piece.
  [[nodiscard]] std::string wire_copy() const;
  [[nodiscard]] std::string payload_copy() const;

 private:
  friend class frame_builder;
  friend std::shared_ptr<const frame> raw_frame(std::string);
  friend std::shared_ptr<const frame> with_last_argument(const std::shared_ptr<const frame>&,
                                                         std::string_view);
  friend std::shared_ptr<const frame> deflated_frame(const frame&, std::shared_ptr<const frame>,
                                                     std::size_t, std::string_view);
  std::string bytes_; ///< header and payload, or header and tail around the shared payload
  std::shared_ptr<const frame> shared_;
  std::size_t shared_size_ = 0; ///< bytes that are used of the shared payload, from its start
  message_span about_;
  std::size_t payload_at_ = 0;
  std::uint8_t header_at_ = 0;
  bool binary_ = false;
};

using frame_ptr = std::shared_ptr<const frame>;

/// Collects a packet's payload after room for the longest header, so that finishing copies
/// nothing.
class frame_builder {
 public:
  /// Starts a payload, with `reserve` bytes set aside for it.
  explicit frame_builder(std::size_t reserve = 256);
  /// Returns the string to append the payload to. Only append: the first bytes belong to the
  /// header.
  [[nodiscard]] std::string& out() { return bytes_; }
  /// Writes the header and returns the frame; the builder must not be used again.
  [[nodiscard]] frame_ptr finish(bool binary = false, message_span about = {}) &&;

 private:
  std::string bytes_;
};

/// Returns the event packet `event` with one more argument at the end, a string. The new frame
/// has a header and a tail of its own and shares the payload. `event` is a text frame whose
/// payload ends the array of arguments with `]`; `text` needs no escaping.
[[nodiscard]] frame_ptr with_last_argument(const frame_ptr& event, std::string_view text);

/// Returns the packet `plain` compressed with permessage-deflate (RFC 7692). Its payload is the
/// first `size` bytes of the payload of `body`, which many frames may share, followed by
/// `tail`. Only WebSockets may send it.
[[nodiscard]] frame_ptr deflated_frame(const frame& plain, frame_ptr body, std::size_t size,
                                       std::string_view tail);

/// Returns a text frame around `payload`.
[[nodiscard]] frame_ptr text_frame(std::string_view payload);
/// Returns a binary frame around `payload`.
[[nodiscard]] frame_ptr binary_frame(std::string_view payload);
/// Returns a frame of bytes that are a whole WebSocket frame already (a control frame); its
/// payload is empty.
[[nodiscard]] frame_ptr raw_frame(std::string wire);

} // namespace hubbub
