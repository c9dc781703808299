#pragma once

#include "actors/interfaces.hpp"

#include <chrono>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace hubbub {

/// What a room does with a view of its log that it has asked for.
using view_handler = std::function<void(room_request&, view_outcome&)>;

/// A question to a reader, and what its answer is for.
struct pending_read {
  room_request request;
  room_query query;
  view_handler handle;
  revision since; ///< the room's when it was asked
  bool done = false;
};
using pending_read_ptr = std::shared_ptr<pending_read>;

/// What a reader has read of changes that the room has yet to tell.
struct read_ahead {
  session_id session; ///< it waits
  revision rev;       ///< the newest change
  std::function<void()> then;
};

/// What a room has asked its readers, oldest first, each question with a time after which it
/// takes too long; and what was read ahead of the room. It reads no clock.
class pending_reads {
 public:
  using time_point = std::chrono::steady_clock::time_point;

  /// Adds a question; `until` must not lie before those of earlier ones.
  void add(time_point until, pending_read_ptr asked) {
    reads_.emplace_back(until, std::move(asked));
  }
  /// Ends a question. False if it has ended: the answer comes after it took too long.
  [[nodiscard]] bool end(pending_read& asked);
  /// Takes out the oldest question if it takes too long; null otherwise.
  [[nodiscard]] pending_read_ptr take_late(time_point now);
  /// Returns when the oldest question will have taken too long; nothing if none is pending.
  [[nodiscard]] std::optional<time_point> next() const;
  [[nodiscard]] std::size_t size() const { return reads_.size(); }

  /// Keeps what was read ahead of the room.
  void keep_ahead(read_ahead each) { ahead_.push_back(std::move(each)); }
  /// Takes out all that was read ahead of the room.
  [[nodiscard]] std::vector<read_ahead> take_ahead() { return std::exchange(ahead_, {}); }
  [[nodiscard]] bool has_ahead() const { return !ahead_.empty(); }
  void clear();

 private:
  std::deque<std::pair<time_point, pending_read_ptr>> reads_;
  std::vector<read_ahead> ahead_;
};

} // namespace hubbub
