#pragma once

#include "proto/websocket/frame.hpp"

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
  /// Bytes of memory that they hold, for bounds: small frames cost more than they weigh.
  [[nodiscard]] std::size_t footprint() const { return bytes_ + size() * frame_cost; }
  [[nodiscard]] const frame_ptr& front() const { return frames_[head_]; }
  void pop();

  /// Points `buffers` at the next bytes to write; returns how many buffers that took.
  [[nodiscard]] std::size_t gather(std::span<boost::asio::const_buffer> buffers) const;
  /// So many bytes were written; returns how many frames that completed.
  std::size_t consume(std::size_t written);

  struct skip_counts {
    std::size_t messages = 0;
    std::size_t gaps = 0;
  };
  /// Takes out the messages of rooms whose policy is `resync` and puts `gap` events in their
  /// place, which say which: in the order of the room with whatever else is for this client
  /// alone. A frame that is partly written stays.
  skip_counts skip_messages();

 private:
  // A frame, its control block, its text's block and its place here.
  static constexpr std::size_t frame_cost = 160;

  void tidy();

  std::vector<frame_ptr> frames_;
  std::size_t head_ = 0;    ///< the first frame that is not wholly written
  std::size_t written_ = 0; ///< bytes of it that are
  std::size_t bytes_ = 0;
};

} // namespace hubbub
