#include "net/program/serve.hpp"

#include "net/chat_server.hpp"
#include "net/io/passed_sockets.hpp"
#include "net/log/log.hpp"
#include "net/program/fail.hpp"
#include "net/program/setting_table.hpp"
#include "net/program/supervisor.hpp"
#include "net/version.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <string>
#include <thread>
#include <utility>

namespace hubbub {
namespace {

/// The exit status of a process that SIGINT ended.
constexpr int interrupted = 130;
/// Terminals and supervisors often send two signals and mean one; a person takes longer.
constexpr std::chrono::milliseconds same_request{500};
/// Time after which a shutdown is stuck. Acked messages have been stored long before.
constexpr std::chrono::seconds stuck_after{10};
/// Time for the log's thread to write the last line.
constexpr std::chrono::milliseconds time_to_log{200};

std::int64_t as_integer(int number) {
  return number;
}

/// Waits for the signals to stop and to reload. After the signal to stop it lets the delay pass
/// before connections are closed, and from then on waits for the signal to stop at once.
class process_signals {
 public:
  process_signals() {
    std::signal(SIGPIPE, SIG_IGN);
    // A file at its size limit fails to grow; the store handles that like a full disk.
    std::signal(SIGXFSZ, SIG_IGN);
  }
  ~process_signals() {
    io_.stop();
    if (guard_.joinable()) guard_.join();
  }
  process_signals(const process_signals&) = delete;
  process_signals& operator=(const process_signals&) = delete;

  /// Calls `act` at once, and again after each interval as long as one of the waits below
  /// lasts.
  void repeat(std::chrono::milliseconds interval, std::function<void()> act) {
    act();
    repeated_ = std::move(act);
    interval_ = interval;
  }
  /// Waits for the signal to stop; calls `reload` at each SIGHUP meanwhile.
  void wait(std::function<void()> reload) {
    reload_ = std::move(reload);
    await_hangup();
    signals_.async_wait([this](boost::system::error_code, int number) {
      log(log_event::stopping, "stopping, since a signal came",
          {{"signal", as_integer(number)}});
      stopping_ = true;
      hangup_.cancel();
      end_repeating();
    });
    begin_repeating();
    io_.run();
    first_at_ = std::chrono::steady_clock::now();
  }
  /// Lets this time pass; a second signal ends it.
  void wait_before_close(std::chrono::milliseconds delay) {
    if (delay.count() == 0) return;
    io_.restart();
    delay_.expires_after(delay);
    delay_.async_wait([this](boost::system::error_code e) {
      end_repeating();
      if (e) return;
      delay_over_ = true;
      first_at_ = std::chrono::steady_clock::now();
      signals_.cancel();
    });
    await_skip();
    begin_repeating();
    io_.run();
  }
  void guard_shutdown() {
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

 private:
  void begin_repeating() {
    repeats_ = repeated_ != nullptr;
    if (repeats_) await_interval();
  }
  void await_interval() {
    pause_.expires_after(interval_);
    pause_.async_wait([this](boost::system::error_code e) {
      if (e || !repeats_) return;
      repeated_();
      await_interval();
    });
  }
  void end_repeating() {
    repeats_ = false;
    pause_.cancel();
  }
  void await_hangup() {
    hangup_.async_wait([this](boost::system::error_code e, int) {
      // A signal that had come already when it was cancelled is reported without an error.
      if (e || stopping_) return;
      reload_();
      await_hangup();
    });
  }
  void await_skip() {
    signals_.async_wait([this](boost::system::error_code e, int number) {
      if (e || delay_over_) return;
      const auto now = std::chrono::steady_clock::now();
      if (now - first_at_ <= same_request) return await_skip();
      log(log_event::closing_at_once, "closing at once, since another signal came",
          {{"signal", as_integer(number)}});
      first_at_ = now;
      delay_.cancel();
    });
  }
  void await_second() {
    signals_.async_wait([this](boost::system::error_code e, int) {
      if (e) return;
      if (std::chrono::steady_clock::now() - first_at_ > same_request) _exit(interrupted);
      await_second();
    });
  }

  boost::asio::io_context io_{1};
  boost::asio::signal_set signals_{io_, SIGINT, SIGTERM};
  boost::asio::signal_set hangup_{io_, SIGHUP}; ///< without effect once the process stops
  std::function<void()> reload_;
  bool stopping_ = false; ///< from here on SIGHUP is ignored
  bool delay_over_ = false;
  std::function<void()> repeated_;
  std::chrono::milliseconds interval_{0};
  bool repeats_ = false;
  boost::asio::steady_timer pause_{io_}; ///< until `repeated_` is called again
  boost::asio::steady_timer delay_{io_};
  boost::asio::steady_timer stuck_{io_};
  std::chrono::steady_clock::time_point first_at_; ///< when it received the last order
  std::thread guard_;
};

/// Tells the supervisor that the process is alive each time that all io threads have answered.
void show_life(process_signals& signals, chat_server& chat, const supervisor& above) {
  const auto interval = above.alive_interval();
  if (!interval) return;
  signals.repeat(*interval, [&chat, &above] {
    auto& server = chat.connections();
    server.collect_stats(server.thread_handles().front(),
                         [&above](const server_stats&) { above.alive(); });
  });
}

/// Logs the start of a server that runs. If it does not start, standard error says why and
/// nothing else.
void log_start(const serve_command& command, const std::string& url) {
  log(log_event::started, "hubbub " + std::string{hubbub_version} + " listens on " + url,
      {{"version", hubbub_version}, {"url", url}});
  for (const auto& warning : command.warnings)
    log(log_event::setting_warning, warning);
  const hubbub_config defaults;
  for (const auto& s : all_settings())
    if (s.show(command.config) != s.show(defaults))
      log(log_event::setting, std::string{s.name} + " = " + s.show(command.config));
}

} // namespace

int run_server(const serve_command& command) {
  auto passed = passed_sockets(); // before anything else opens a descriptor
  if (!passed) return fail(passed.error());
  auto config = command.config;
  config.server.inherited = *std::move(passed);
  const supervisor above;
  process_signals signals;
  start_log(config.log, config.logged_as);

  chat_system_config system_config;
  caf::actor_system system{system_config};
  chat_server chat{system, config};
  if (const auto started = chat.start(); !started) return fail(started.error());
  log_start(command, chat.url()); // before anybody who waits for the next line sends a request
  // Scripts wait for this line.
  std::cout << "listening on " << chat.url() << std::endl;

  const auto status = "listening on " + chat.url();
  above.ready(status);
  show_life(signals, chat, above);
  signals.wait([&] {
    above.reloading();
    chat.reload();
    above.ready(status);
  });
  chat.announce_stop();
  above.stopping(config.drain_delay + stuck_after + stuck_after);
  signals.wait_before_close(config.drain_delay);
  signals.guard_shutdown();
  chat.drain();
  system.await_all_actors_done(); // rooms end on the io threads, which must still exist
  chat.stop();
  log(log_event::stopped, "stopped");
  stop_log();
  return EXIT_SUCCESS;
}

} // namespace hubbub
