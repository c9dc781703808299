#pragma once

#include "proto/frame.hpp"

#include <boost/asio/buffer.hpp>

#include <cstddef>
#include <span>
#include <vector>

namespace hubbub {

/// Frames that wait to be sent, in order, with their bytes counted. Empty, it holds no memory
/// to speak of: most connections are idle.
class frame_queue {
 public:
  void push(frame_ptr frame);
  /// Everything in `other`, behind what is here. `other` must not be partly written.
  void append(frame_queue& other);
  void clear();

  [[nodiscard]] bool empty() const { return head_ == frames_.size(); }
  [[nodiscard]] std::size_t size() const { return frames_.size() - head_; }
  /// Bytes of WebSocket frames that are not written yet.
  [[nodiscard]] std::size_t bytes() const { return bytes_; }
  [[nodiscard]] const frame_ptr& front() const { return frames_[head_]; }
  void pop();

  /// Points `buffers` at the next bytes to write; returns how many buffers that took.
  [[nodiscard]] std::size_t gather(std::span<boost::asio::const_buffer> buffers) const;
  /// So many bytes were written; returns how many frames that completed.
  std::size_t consume(std::size_t written);

 private:
  void tidy();

  std::vector<frame_ptr> frames_;
  std::size_t head_ = 0;    ///< the first frame that is not wholly written
  std::size_t written_ = 0; ///< bytes of it that are
  std::size_t bytes_ = 0;
};

} // namespace hubbub
