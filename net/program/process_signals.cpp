#include "net/program/process_signals.hpp"

#include "net/log/log.hpp"

#include <boost/asio/post.hpp>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <utility>

namespace hubbub {
namespace {

/// The exit status of a process that SIGINT ended.
constexpr int interrupted = 130;
/// Terminals and supervisors often send two signals and mean one; a person takes longer.
constexpr std::chrono::milliseconds same_request{500};
/// Time for the log's thread to write the last line.
constexpr std::chrono::milliseconds time_to_log{200};

std::int64_t as_integer(int number) {
  return number;
}

stop_order order_of(int signal) {
  return signal == SIGINT && isatty(STDIN_FILENO) == 1 ? stop_order::at_once
                                                       : stop_order::in_steps;
}

} // namespace

process_signals::process_signals()
    : signals_(io_, {SIGINT, SIGTERM}), hangup_(io_, {SIGHUP}), upgrade_(io_, {SIGUSR2}) {
  std::signal(SIGPIPE, SIG_IGN);
  // A file at its size limit fails to grow; the store handles that like a full disk.
  std::signal(SIGXFSZ, SIG_IGN);
  // Whoever started this process may have ignored it, and then no child's end could be seen.
  std::signal(SIGCHLD, SIG_DFL);
}

process_signals::~process_signals() {
  io_.stop();
  if (guard_.joinable()) guard_.join();
}

void process_signals::repeat(std::chrono::milliseconds interval, std::function<void()> act) {
  act();
  repeated_ = std::move(act);
  interval_ = interval;
}

stop_order process_signals::wait(std::function<void()> reload, std::function<void()> upgrade) {
  reload_ = std::move(reload);
  on_upgrade_ = std::move(upgrade);
  stopping_ = false;
  io_.restart();
  await_hangup();
  await_upgrade();
  signals_.async_wait([this](boost::system::error_code e, int number) {
    if (e || stopping_) return;
    log(log_event::stopping, "stopping, as it was asked to", {{"signal", as_integer(number)}});
    leave(order_of(number));
  });
  begin_repeating();
  io_.run();
  first_at_ = std::chrono::steady_clock::now();
  return order_;
}

void process_signals::leave(stop_order order) {
  order_ = order;
  stopping_ = true;
  hangup_.cancel();
  upgrade_.cancel();
  signals_.cancel();
  end_repeating();
  io_.stop();
}

bool process_signals::let_pass(std::chrono::milliseconds time) {
  if (time.count() == 0) return true;
  passed_ = false;
  skipped_ = false;
  io_.restart();
  delay_.expires_after(time);
  delay_.async_wait([this](boost::system::error_code e) {
    if (!e) on_passed();
  });
  await_skip();
  begin_repeating();
  io_.run();
  return !skipped_;
}

void process_signals::on_passed() {
  if (passed_ || skipped_) return;
  passed_ = true;
  first_at_ = std::chrono::steady_clock::now();
  end_repeating();
  delay_.cancel();
  signals_.cancel();
  io_.stop();
}

void process_signals::end_wait() {
  boost::asio::post(io_, [this] { on_passed(); });
}

void process_signals::guard_shutdown() {
  io_.restart();
  await_second();
  stuck_.expires_after(stuck_after);
  stuck_.async_wait([](boost::system::error_code e) {
    if (e) return;
    log(log_event::shutdown_stuck, "the shutdown is stuck; ending all the same");
    std::this_thread::sleep_for(time_to_log);
    _exit(EXIT_FAILURE);
  });
  guard_ = std::thread{[this] { io_.run(); }};
}

void process_signals::begin_repeating() {
  repeats_ = repeated_ != nullptr;
  if (repeats_) await_interval();
}

void process_signals::await_interval() {
  pause_.expires_after(interval_);
  pause_.async_wait([this](boost::system::error_code e) {
    if (e || !repeats_) return;
    repeated_();
    await_interval();
  });
}

void process_signals::end_repeating() {
  repeats_ = false;
  pause_.cancel();
}

void process_signals::await_hangup() {
  hangup_.async_wait([this](boost::system::error_code e, int) {
    // A signal that had come already when it was cancelled is reported without an error.
    if (e || stopping_) return;
    reload_();
    await_hangup();
  });
}

void process_signals::await_upgrade() {
  upgrade_.async_wait([this](boost::system::error_code e, int) {
    if (e || stopping_) return;
    on_upgrade_();
    await_upgrade();
  });
}

void process_signals::await_skip() {
  signals_.async_wait([this](boost::system::error_code e, int number) {
    if (e || passed_) return;
    const auto now = std::chrono::steady_clock::now();
    if (now - first_at_ <= same_request) return await_skip();
    log(log_event::closing_at_once, "closing at once, since another signal came",
        {{"signal", as_integer(number)}});
    first_at_ = now;
    skipped_ = true;
    end_repeating();
    delay_.cancel();
    io_.stop();
  });
}

void process_signals::await_second() {
  signals_.async_wait([this](boost::system::error_code e, int) {
    if (e) return;
    if (std::chrono::steady_clock::now() - first_at_ > same_request) _exit(interrupted);
    await_second();
  });
}

} // namespace hubbub
