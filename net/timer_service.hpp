#pragma once

#include "proto/engine_session.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <cstddef>
#include <optional>
#include <vector>

namespace hubbub {

class timer_service;

/// When to be called for a wait that begins `now`: at its end, or where it is a second or
/// longer up to 1/256 of it later, so that waits that end about together end together.
[[nodiscard]] steady_time rounded_end(steady_time when, steady_time now);

/// What wants to be called at a time: at most one a `timed`. Destroying it cancels.
class timed {
 public:
  timed() = default;
  timed(const timed&) = delete;
  timed& operator=(const timed&) = delete;

  /// Its time has come; it may set the next, or destroy itself.
  virtual void on_time(steady_time now) = 0;

 protected:
  ~timed();

 private:
  friend class timer_service;
  timer_service* service_ = nullptr; ///< while a time is set
  steady_time asked_for_{};
  std::size_t place_ = 0;
};

/// All timers of one io thread: a heap over one timer of the operating system, so that setting
/// and cancelling cost no system call unless the earliest time changes. Never early; late by
/// what the thread is busy with, and where the wait is a second or longer by up to 1/256 of it:
/// thousands of connections are then woken a few at a time and not one by one.
class timer_service {
 public:
  explicit timer_service(boost::asio::io_context& io);
  ~timer_service();
  timer_service(const timer_service&) = delete;
  timer_service& operator=(const timer_service&) = delete;

  /// Replaces the time that was set, if any.
  void set(timed& who, steady_time when);
  void cancel(timed& who);
  /// Forgets all times and sets none any more.
  void stop();

 private:
  struct entry {
    steady_time when;
    timed* who;
  };

  void arm();
  void run();
  void remove(std::size_t place);
  void put(std::size_t place, const entry& e);
  void sift_up(std::size_t place);
  void sift_down(std::size_t place);

  std::vector<entry> heap_; ///< binary, the earliest first
  std::optional<boost::asio::steady_timer> timer_;
  steady_time armed_for_ = steady_time::max();
};

} // namespace hubbub
