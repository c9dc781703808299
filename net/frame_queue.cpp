#include "net/frame_queue.hpp"

#include <algorithm>
#include <utility>

namespace hubbub {
namespace {

// What an emptied queue keeps of its memory, so that a steady trickle does not allocate.
constexpr std::size_t kept_capacity = 32;

} // namespace

void frame_queue::push(frame_ptr frame) {
  bytes_ += frame->wire_size();
  frames_.push_back(std::move(frame));
}

void frame_queue::append(frame_queue& other) {
  while (!other.empty()) {
    push(other.front());
    other.pop();
  }
}

void frame_queue::clear() {
  head_ = frames_.size();
  written_ = 0;
  bytes_ = 0;
  tidy();
}

void frame_queue::pop() {
  bytes_ -= frames_[head_]->wire_size() - written_;
  written_ = 0;
  frames_[head_++].reset();
  tidy();
}

std::size_t frame_queue::gather(std::span<boost::asio::const_buffer> buffers) const {
  std::size_t count = 0;
  auto skip = written_;
  for (auto at = head_; at < frames_.size(); ++at) {
    // Nearly all there are, and this is done for every delivery.
    if (const auto whole = frames_[at]->wire_in_one(); skip == 0 && !whole.empty()) {
      if (count == buffers.size()) return count;
      buffers[count++] = boost::asio::buffer(whole.data(), whole.size());
      continue;
    }
    for (auto piece : frames_[at]->wire_pieces()) {
      const auto skipped = std::min(skip, piece.size());
      skip -= skipped;
      piece.remove_prefix(skipped);
      if (piece.empty()) continue;
      if (count == buffers.size()) return count;
      buffers[count++] = boost::asio::buffer(piece.data(), piece.size());
    }
  }
  return count;
}

std::size_t frame_queue::consume(std::size_t written) {
  if (written == bytes_) {
    const auto all = size();
    clear();
    return all;
  }
  bytes_ -= written;
  written_ += written;
  std::size_t completed = 0;
  while (!empty() && written_ >= front()->wire_size()) {
    written_ -= front()->wire_size();
    frames_[head_++].reset();
    ++completed;
  }
  tidy();
  return completed;
}

void frame_queue::tidy() {
  if (head_ == frames_.size()) {
    frames_.clear();
    head_ = 0;
    if (frames_.capacity() > kept_capacity) frames_.shrink_to_fit();
  } else if (head_ > kept_capacity && head_ > frames_.size() / 2) {
    frames_.erase(frames_.begin(), frames_.begin() + static_cast<std::ptrdiff_t>(head_));
    head_ = 0;
  }
}

} // namespace hubbub
