#pragma once

#include "proto/engine/engine_session.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/intrusive/list.hpp>

#include <map>
#include <optional>

namespace hubbub {

class timer_service;
struct timers_due;

/// When to be called for a wait that begins `now`: at its end, or where it is a second or
/// longer up to 1/256 of it later, so that waits that end about together end together.
[[nodiscard]] steady_time rounded_end(steady_time when, steady_time now);

/// What wants to be called at a time: at most one a `timed`. Destroying it cancels.
class timed : public boost::intrusive::list_base_hook<> {
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
  timers_due* among_ = nullptr; ///< while a time is set
  steady_time asked_for_{};
};

/// Those that are called at the same time.
struct timers_due {
  timer_service* service;
  steady_time when;
  boost::intrusive::list<timed, boost::intrusive::constant_time_size<false>> waiting;
};

/// All timers of one io thread over one timer of the operating system, so that setting and
/// cancelling cost no system call unless the earliest time changes. Never early; late by what
/// the thread is busy with, and where the wait is a second or longer by up to 1/256 of it:
/// thousands of connections are then woken a few at a time and not one by one, and wait in a
/// few hundred lists, where to set one touches no more than its neighbours.
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
  void arm();
  void run();

  std::map<steady_time, timers_due> due_; ///< none of them empty
  std::optional<boost::asio::steady_timer> timer_;
  steady_time armed_for_ = steady_time::max();
};

} // namespace hubbub
