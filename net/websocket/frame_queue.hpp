#pragma once

#include "proto/websocket/frame.hpp"

#include <boost/asio/buffer.hpp>

#include <cstddef>
#include <span>
#include <utility>
#include <vector>

namespace hubbub {

/// Frames that wait to be sent, in order, with their bytes counted. An empty queue holds almost
/// no memory, since most connections are idle.
class frame_queue {
 public:
  void push(frame_ptr frame) {
    bytes_ += frame->wire_size();
    frames_.push_back(std::move(frame));
  }
  /// Moves everything in `other` to the end of this queue. `other` must not be partly written.
  void append(frame_queue& other);
  void clear();

  [[nodiscard]] bool empty() const { return head_ == frames_.size(); }
  [[nodiscard]] std::size_t size() const { return frames_.size() - head_; }
  /// Returns the bytes of WebSocket frames that are not written yet.
  [[nodiscard]] std::size_t bytes() const { return bytes_; }
  /// Returns the bytes of memory that the frames hold, for bounds: small frames cost more than
  /// their bytes.
  [[nodiscard]] std::size_t footprint() const { return bytes_ + size() * frame_cost; }
  [[nodiscard]] const frame_ptr& front() const { return frames_[head_]; }
  void pop();

  /// Points `buffers` at the next bytes to write; returns how many buffers that took.
  [[nodiscard]] std::size_t gather(std::span<boost::asio::const_buffer> buffers) const;
  /// Removes written bytes; returns how many frames that completed.
  std::size_t consume(std::size_t written);

  struct skip_counts {
    std::size_t messages = 0;
    std::size_t gaps = 0;
  };
  /// Replaces the messages of rooms whose policy is `resync` by `gap` events that say which are
  /// missing. The events keep their order with everything else for this client. A frame that is
  /// partly written stays.
  skip_counts skip_messages();

  /// A room's part of a queue.
  struct room_share {
    room_label_ptr room; ///< null: no frame carries a message of a room
    std::size_t bytes = 0;
  };
  /// Returns the room whose messages, or gaps in their place, hold most memory here. Walks the
  /// whole queue.
  [[nodiscard]] room_share fullest_room() const;

 private:
  // A frame, its control block, its text's block and its place here.
  static constexpr std::size_t frame_cost = 160;

  void tidy();

  std::vector<frame_ptr> frames_;
  std::size_t head_ = 0;    ///< the first frame that is not completely written
  std::size_t written_ = 0; ///< bytes of it that are written
  std::size_t bytes_ = 0;
};

} // namespace hubbub
