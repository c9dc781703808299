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

/// A moment, by the steady clock.
using moment = std::chrono::nanoseconds;

/// Who hears of a socket. It must outlive the turns of its loop.
class event_handler {
 public:
  virtual void on_events(std::uint32_t events) = 0;
  /// The pass for which it asked by `at_pass_end` is over.
  virtual void on_pass_end() {}

 protected:
  ~event_handler() = default;
};

/// One epoll, its timers, and the clock of all that runs on it.
class event_loop {
 public:
  event_loop();

  /// The clock as it was read last; everything that one `recv` brought arrived then.
  [[nodiscard]] moment now() const { return now_; }
  moment tick();

  /// Closing the descriptor ends it.
  void watch(int descriptor, event_handler& handler, std::uint32_t events);
  void change(int descriptor, event_handler& handler, std::uint32_t events);
  /// Calls `on_pass_end` once, when all that is due now was handled.
  void at_pass_end(event_handler& handler) { ending_.push_back(&handler); }
  void at(moment when, std::function<void()> what);

  /// Waits for events or timers, `longest` at most, and handles them.
  void turn(std::chrono::nanoseconds longest);

  /// Scratch for whoever reads, valid until the next read.
  [[nodiscard]] std::span<char> buffer() { return buffer_; }

  /// How long passes took, one count an event: so long may an event have waited for its turn.
  [[nodiscard]] const histogram& delays() const { return delays_; }
  void forget_delays() { delays_.clear(); }

 private:
  struct timer {
    moment when;
    std::uint64_t order = 0; ///< of two at the same time, the older one goes first
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
