#pragma once

#include "actors/interfaces.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <utility>

namespace hubbub {

/// Receives the outcome of a write that the room made for itself.
using outcome_handler = std::function<void(const write_outcome&)>;

/// Where the outcome of a write goes.
struct pending_write {
  std::optional<room_request> request; ///< set if somebody asked for it
  outcome_handler handle = {};         ///< set if the room made it for itself
  /// True if its outcome comes after everything that other nodes wrote before it.
  bool brings_log = false;
  std::uint64_t number = 0; ///< its place among all writes of the room, given by `push`
};

/// The writes that a room has sent to the writer, in order; outcomes come in the same order.
class pending_writes {
 public:
  /// Makes a queue that holds up to `limit` writes of clients; the room's own are always taken.
  explicit pending_writes(std::size_t limit) : limit_(limit) {}

  void push(pending_write origin) {
    bringing_ += origin.brings_log ? 1 : 0;
    origin.number = next_number_++;
    writes_.push_back(std::move(origin));
  }
  /// Removes and returns the oldest; nothing if none is pending.
  [[nodiscard]] std::optional<pending_write> pop() {
    if (writes_.empty()) return std::nullopt;
    std::optional<pending_write> first{std::move(writes_.front())};
    writes_.pop_front();
    bringing_ -= first->brings_log ? 1 : 0;
    return first;
  }

  /// Count what is checked before it is written; it takes room in the queue.
  void begin_check() { ++checks_; }
  void end_check() { --checks_; }

  [[nodiscard]] bool empty() const { return writes_.empty(); }
  /// True if nothing is pending, and nothing is checked either.
  [[nodiscard]] bool is_idle() const { return writes_.empty() && checks_ == 0; }
  /// Returns the number of the next write.
  [[nodiscard]] std::uint64_t next_number() const { return next_number_; }
  /// True if a pending write will bring what other nodes wrote.
  [[nodiscard]] bool bring_log() const { return bringing_ > 0; }
  [[nodiscard]] bool is_full() const { return writes_.size() + checks_ >= limit_; }
  /// True if read markers have to wait. They leave capacity for messages: in a large room each
  /// message causes many of them.
  [[nodiscard]] bool is_half_full() const { return writes_.size() >= limit_ / 2; }

  /// Notes that the writer has ended, and returns the writes that it will not answer.
  [[nodiscard]] std::deque<pending_write> close() {
    closed_ = true;
    bringing_ = 0;
    return std::exchange(writes_, {});
  }
  /// True if the writer has ended.
  [[nodiscard]] bool is_closed() const { return closed_; }
  void clear() {
    writes_.clear();
    bringing_ = 0;
    checks_ = 0;
  }

 private:
  std::size_t limit_;
  std::deque<pending_write> writes_;
  std::size_t bringing_ = 0; ///< writes that bring what other nodes wrote
  std::size_t checks_ = 0;   ///< what is checked before it is written
  std::uint64_t next_number_ = 1;
  bool closed_ = false;
};

} // namespace hubbub
