#pragma once

#include "proto/websocket/frame.hpp"

#include <array>
#include <cstddef>
#include <memory>
#include <string_view>

struct z_stream_s;

namespace hubbub {

/// Compresses frames for WebSockets with permessage-deflate, on one io thread. No context is
/// kept from message to message, so one compressed frame serves all receivers. A relay passes a
/// frame to one receiver after the other, so only the last few results are remembered.
///
/// Every io thread compresses for its own receivers; the room does not compress for all of
/// them. So a thread without such clients spends nothing, the room need not know which clients
/// want compression, and no frame is changed after it was made. Frames that share a payload
/// (see `with_last_argument`) share the compressed payload as well; each adds its own tail to
/// it uncompressed.
class frame_deflater {
 public:
  /// Makes a deflater that leaves payloads below `min_bytes` alone.
  explicit frame_deflater(std::size_t min_bytes);
  ~frame_deflater();
  frame_deflater(const frame_deflater&) = delete;
  frame_deflater& operator=(const frame_deflater&) = delete;

  /// Returns the frame to send: compressed, or `plain` itself if that is too small or would not
  /// shrink.
  [[nodiscard]] frame_ptr deflate(const frame_ptr& plain);

 private:
  struct result {
    frame_ptr plain;      ///< holds the payload
    std::size_t size = 0; ///< bytes of it that are used
    frame_ptr body;       ///< compressed, flushed to a whole byte; null: it does not shrink
    frame_ptr whole;      ///< a message of the body alone
  };

  [[nodiscard]] const result& compressed(const frame_ptr& plain, std::size_t size);
  [[nodiscard]] frame_ptr compress(std::string_view payload);

  struct ender {
    void operator()(z_stream_s* stream) const;
  };
  std::size_t min_bytes_;
  std::unique_ptr<z_stream_s, ender> stream_; ///< created when it is first needed
  std::array<result, 4> recent_;
  std::size_t next_ = 0;
};

} // namespace hubbub
