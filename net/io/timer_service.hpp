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

/// Returns when to call for a wait that begins `now`: at its end, or, if it lasts a second or
/// longer, up to 1/256 of it later, so that waits that end at nearly the same time end
/// together.
[[nodiscard]] steady_time rounded_end(steady_time when, steady_time now);

/// An object that can be called at a time; it has at most one. Destroying it cancels.
class timed : public boost::intrusive::list_base_hook<> {
 public:
  timed() = default;
  timed(const timed&) = delete;
  timed& operator=(const timed&) = delete;

  /// Called when its time has come; it may set the next one, or destroy itself.
  virtual void on_time(steady_time now) = 0;

 protected:
  ~timed();

 private:
  friend class timer_service;
  timers_due* among_ = nullptr; ///< set while a time is set
  steady_time asked_for_{};
};

/// The objects that are called at the same time.
struct timers_due {
  timer_service* service;
  steady_time when;
  boost::intrusive::list<timed, boost::intrusive::constant_time_size<false>> waiting;
};

/// All timers of one io thread, on top of one timer of the operating system, so that setting
/// and cancelling cost no system call unless the earliest time changes. A call is never early.
/// It is late by what the thread is busy with, and by up to 1/256 of a wait of a second or
/// longer. So thousands of connections are woken a few at a time instead of one by one; they
/// wait in a few hundred lists, where setting one touches only its neighbours.
class timer_service {
 public:
  explicit timer_service(boost::asio::io_context& io);
  ~timer_service();
  timer_service(const timer_service&) = delete;
  timer_service& operator=(const timer_service&) = delete;

  /// Sets a time, and replaces the previous one.
  void set(timed& who, steady_time when);
  void cancel(timed& who);
  /// Forgets all times and sets no more.
  void stop();

 private:
  void arm();
  void run();

  std::map<steady_time, timers_due> due_; ///< none of them is empty
  std::optional<boost::asio::steady_timer> timer_;
  steady_time armed_for_ = steady_time::max();
};

} // namespace hubbub
