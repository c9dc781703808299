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

/// Receives a view of the log that a room has requested.
using view_handler = std::function<void(room_request&, view_outcome&)>;

/// A request to a reader, and what its answer is for.
struct pending_read {
  /// How often a page is read at most, if more is changed meanwhile than the room keeps.
  static constexpr int most_times = 3;
  room_request request;
  room_query query;
  view_handler handle;
  revision since; ///< the room's `rev` at the time of the request
  int times = 1;  ///< how often it was made by now
  bool done = false;
};
using pending_read_ptr = std::shared_ptr<pending_read>;

/// A page with changes that the room has yet to tell.
struct read_ahead {
  session_id session; ///< the session that waits
  revision rev;       ///< the newest change in the page
  std::function<void()> then;
};

/// The requests of a room to its readers, oldest first, each with the time at which it takes
/// too long; and pages that were read ahead of the room. It reads no clock.
class pending_reads {
 public:
  using time_point = std::chrono::steady_clock::time_point;

  /// Adds a request; `until` must not be earlier than those of previous requests.
  void add(time_point until, pending_read_ptr asked) {
    reads_.emplace_back(until, std::move(asked));
  }
  /// Ends a request. Returns false if it has ended already, since the answer comes too late.
  [[nodiscard]] bool end(pending_read& asked);
  /// Removes and returns the oldest request if it takes too long; null otherwise.
  [[nodiscard]] pending_read_ptr take_late(time_point now);
  /// Returns when the oldest request will have taken too long; nothing if none is pending.
  [[nodiscard]] std::optional<time_point> next() const;
  [[nodiscard]] std::size_t size() const { return reads_.size(); }

  /// Keeps a page that was read ahead of the room.
  void keep_ahead(read_ahead each) { ahead_.push_back(std::move(each)); }
  /// Removes and returns everything that was read ahead of the room.
  [[nodiscard]] std::vector<read_ahead> take_ahead() { return std::exchange(ahead_, {}); }
  [[nodiscard]] bool has_ahead() const { return !ahead_.empty(); }
  void clear();

 private:
  std::deque<std::pair<time_point, pending_read_ptr>> reads_;
  std::vector<read_ahead> ahead_;
};

} // namespace hubbub
