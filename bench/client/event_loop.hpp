#pragma once

#include "bench/client/file_descriptor.hpp"
#include "bench/histogram.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <queue>
#include <span>
#include <vector>

namespace hubbub::bench {

/// A point in time of the steady clock.
using moment = std::chrono::nanoseconds;

/// The interface of a socket's owner. It must outlive the loop's use of the socket.
class event_handler {
 public:
  virtual void on_events(std::uint32_t events) = 0;
  /// Called when the pass of the loop has ended, after a call of `at_pass_end`.
  virtual void on_pass_end() {}

 protected:
  ~event_handler() = default;
};

/// An epoll loop with timers and a clock.
class event_loop {
 public:
  event_loop();

  /// Returns the time at which the clock was read last; everything that one `recv` returned
  /// counts as arrived then.
  [[nodiscard]] moment now() const { return now_; }
  moment tick();

  /// Watches a descriptor until it is closed.
  void watch(int descriptor, event_handler& handler, std::uint32_t events);
  void change(int descriptor, event_handler& handler, std::uint32_t events);
  /// Calls `on_pass_end` once, after all events that are due now.
  void at_pass_end(event_handler& handler) { ending_.push_back(&handler); }
  void at(moment when, std::function<void()> what);

  /// Waits for events or timers, `longest` at most, and handles them.
  void turn(std::chrono::nanoseconds longest);

  /// Returns a buffer to read into, valid until the next read.
  [[nodiscard]] std::span<char> buffer() { return buffer_; }

  /// Returns how long the passes took, counted once for each event: the longest that an event
  /// may have waited.
  [[nodiscard]] const histogram& delays() const { return delays_; }
  void forget_delays() { delays_.clear(); }

 private:
  struct timer {
    moment when;
    std::uint64_t order = 0; ///< of two timers at the same time the older one runs first
    std::function<void()> what;
    friend bool operator<(const timer& a, const timer& b) {
      return a.when != b.when ? a.when > b.when : a.order > b.order;
    }
  };

  [[nodiscard]] std::chrono::nanoseconds time_to_wait(std::chrono::nanoseconds longest) const;
  void run_timers();
  void end_pass();

  file_descriptor epoll_;
  moment now_{};
  std::vector<char> buffer_;
  std::vector<event_handler*> ending_;
  std::priority_queue<timer> timers_;
  std::uint64_t timers_made_ = 0;
  histogram delays_;
};

} // namespace hubbub::bench
