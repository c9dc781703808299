#include "net/websocket/frame_queue.hpp"

#include "proto/chat/chat_event.hpp"

#include <algorithm>
#include <unordered_map>
#include <utility>

namespace hubbub {
namespace {

// Memory that an emptied queue keeps, so that a steady trickle does not allocate.
constexpr std::size_t kept_capacity = 32;

/// Sorts the frames of a queue into those that stay and runs of messages that a gap replaces.
struct skipping {
  struct run {
    message_span span;
    std::size_t index = 0; ///< index in `kept`
    frame_ptr first;
    std::size_t frames = 0;
    std::size_t messages = 0;
  };

  void take(frame_ptr frame) {
    const auto& about = frame->about();
    if (!about.room) {
      // An answer to this client: nothing after it may be told before it.
      open_.clear();
    } else if (about.room->policy == slow_reader_policy::resync) {
      skip(std::move(frame));
      return;
    }
    kept.push_back(std::move(frame));
  }

  frame_queue::skip_counts finish() {
    frame_queue::skip_counts done;
    for (auto& each : runs_) {
      done.messages += each.messages;
      // A gap alone stays as it is.
      const bool is_new = each.messages > 0 || each.frames > 1;
      if (is_new) ++done.gaps;
      kept[each.index] = is_new ? event::gap(each.span) : std::move(each.first);
    }
    return done;
  }

  std::vector<frame_ptr> kept;

 private:
  /// True if these messages follow those of the span, or are among them.
  static bool goes_on(const message_span& span, const message_span& next) {
    return span.last.value + 1 == next.first.value ||
           (next.first >= span.first && next.last <= span.last);
  }
  void skip(frame_ptr frame) {
    const auto about = frame->about();
    const auto found = open_.find(about.room->id);
    if (found == open_.end() || !goes_on(runs_[found->second].span, about)) {
      open_[about.room->id] = runs_.size();
      runs_.push_back({about, kept.size(), nullptr, 0, 0});
      kept.emplace_back();
    }
    auto& into = runs_[open_[about.room->id]];
    into.span.last = std::max(into.span.last, about.last);
    if (!about.is_gap) ++into.messages;
    if (into.frames++ == 0) into.first = std::move(frame);
  }

  std::unordered_map<room_id, std::size_t> open_; ///< the last run of each room
  std::vector<run> runs_;
};

} // namespace

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
    // This holds for nearly all frames, and is done for every delivery.
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

frame_queue::skip_counts frame_queue::skip_messages() {
  const auto first = head_ + (written_ > 0 ? 1 : 0);
  skipping skip;
  for (auto at = first; at < frames_.size(); ++at)
    skip.take(std::move(frames_[at]));
  const auto done = skip.finish();

  frames_.resize(first);
  auto bytes = empty() ? 0 : front()->wire_size() - written_;
  for (auto& frame : skip.kept) {
    bytes += frame->wire_size();
    frames_.push_back(std::move(frame));
  }
  bytes_ = bytes;
  frames_.shrink_to_fit();
  return done;
}

frame_queue::room_share frame_queue::fullest_room() const {
  std::unordered_map<room_id, room_share> shares;
  room_share* last = nullptr; // mostly many messages of one room follow one another
  for (auto at = head_; at < frames_.size(); ++at) {
    const auto& room = frames_[at]->about().room;
    if (!room) continue;
    if (last == nullptr || last->room->id != room->id) last = &shares[room->id];
    if (!last->room) last->room = room;
    last->bytes += frames_[at]->wire_size() + frame_cost;
  }
  room_share fullest;
  for (auto& [id, share] : shares)
    if (share.bytes > fullest.bytes) fullest = std::move(share);
  return fullest;
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
