#pragma once

#include "proto/websocket/frame.hpp"

#include <array>
#include <cstddef>
#include <memory>
#include <string_view>

struct z_stream_s;

namespace hubbub {

/// Compresses frames for WebSockets with permessage-deflate, on one io thread. No context is
/// taken over from message to message, so that one compressed frame serves all receivers; and
/// as a relay gives a frame to one receiver after the other, the last few results are all that
/// has to be remembered. A thread does this by itself, rather than the room for all: it costs
/// nothing where nobody wants it, needs no knowledge of who does, and nothing shared changes.
///
/// A frame that shares its payload (see `with_last_argument`) shares its compressed payload
/// too: only the tail, uncompressed, is its own.
class frame_deflater {
 public:
  /// Payloads below `min_bytes` are not worth it.
  explicit frame_deflater(std::size_t min_bytes);
  ~frame_deflater();
  frame_deflater(const frame_deflater&) = delete;
  frame_deflater& operator=(const frame_deflater&) = delete;

  /// The frame to send instead; itself, where it is too small or would not shrink.
  [[nodiscard]] frame_ptr deflate(const frame_ptr& plain);

 private:
  struct result {
    frame_ptr plain;      ///< holds the payload
    std::size_t size = 0; ///< so many bytes of it
    frame_ptr body;       ///< compressed, flushed to a whole byte; null: it does not shrink
    frame_ptr whole;      ///< a message of the body alone
  };

  [[nodiscard]] const result& compressed(const frame_ptr& plain, std::size_t size);
  [[nodiscard]] frame_ptr compress(std::string_view payload);

  struct ender {
    void operator()(z_stream_s* stream) const;
  };
  std::size_t min_bytes_;
  std::unique_ptr<z_stream_s, ender> stream_; ///< made when first needed
  std::array<result, 4> recent_;
  std::size_t next_ = 0;
};

} // namespace hubbub
