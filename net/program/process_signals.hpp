#pragma once

#include "net/program/signal_queue.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <array>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <functional>
#include <thread>

namespace hubbub {

/// Time after which a shutdown is stuck. Acked messages have been stored long before.
inline constexpr std::chrono::seconds stuck_after{10};

/// How the process is asked to stop: in the steps of a drain; at once, since somebody at a
/// terminal waits for the end (SIGINT); or by leaving everything to another process.
enum class stop_order : std::uint8_t { in_steps, at_once, hand_over };

/// Waits for the signals to stop and to reload, and then for those that end the steps of a
/// drain. While the last step lasts, another signal ends the process. Make it before the
/// process has other threads.
class process_signals {
 public:
  /// The signals that this class waits for. They are blocked in all threads, and so in every
  /// program that the process starts, unless that unblocks them.
  static constexpr std::array awaited{SIGINT, SIGTERM, SIGHUP, SIGUSR2};

  process_signals();
  ~process_signals();
  process_signals(const process_signals&) = delete;
  process_signals& operator=(const process_signals&) = delete;

  /// Calls `act` at once, and again after each interval as long as one of the waits below
  /// lasts.
  void repeat(std::chrono::milliseconds interval, std::function<void()> act);
  /// Calls it no more.
  void forget_repeated() { repeated_ = nullptr; }
  /// Waits for the signal to stop, or for `leave`; calls `reload` at each SIGHUP meanwhile, and
  /// `upgrade` at each SIGUSR2.
  stop_order wait(std::function<void()> reload, std::function<void()> upgrade);
  /// Ends `wait` with this order. Call it from a handler of `io`.
  void leave(stop_order order);
  /// Returns the context whose handlers run while one of these waits lasts, on its thread.
  [[nodiscard]] boost::asio::io_context& io() { return io_; }
  /// Lets this time pass, or less if `end_wait` is called. False if a second signal ended it.
  bool let_pass(std::chrono::milliseconds time);
  /// Ends `let_pass`, or has the next one end at once. Any thread may call it.
  void end_wait();
  /// Ends the process if the shutdown is stuck, or if another signal comes.
  void guard_shutdown();

 private:
  void begin_repeating();
  void await_interval();
  void end_repeating();
  void await_hangup();
  void await_upgrade();
  void await_skip();
  void await_second();
  void on_passed();

  boost::asio::io_context io_{1};
  signal_queue signals_;
  signal_queue hangup_;  ///< without effect once the process stops
  signal_queue upgrade_; ///< the same
  std::function<void()> reload_;
  std::function<void()> on_upgrade_;
  stop_order order_ = stop_order::in_steps;
  bool stopping_ = false; ///< from here on SIGHUP is ignored
  bool passed_ = false;   ///< the time of `let_pass` is over
  bool skipped_ = false;  ///< a signal ended it
  std::function<void()> repeated_;
  std::chrono::milliseconds interval_{0};
  bool repeats_ = false;
  boost::asio::steady_timer pause_{io_}; ///< until `repeated_` is called again
  boost::asio::steady_timer delay_{io_};
  boost::asio::steady_timer stuck_{io_};
  std::chrono::steady_clock::time_point first_at_; ///< when it received the last order
  std::thread guard_;
};

} // namespace hubbub
