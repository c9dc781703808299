#include "net/program/serve.hpp"

#include "actors/runtime/one_thread_scheduler.hpp"
#include "net/chat_server.hpp"
#include "net/embed/broker_access.hpp"
#include "net/io/passed_sockets.hpp"
#include "net/log/log.hpp"
#include "net/program/fail.hpp"
#include "net/program/predecessor.hpp"
#include "net/program/process_signals.hpp"
#include "net/program/setting_table.hpp"
#include "net/program/supervisor.hpp"
#include "net/program/upgrade.hpp"
#include "net/version.hpp"

#include <boost/asio/post.hpp>

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <optional>
#include <string>
#include <thread>
#include <utility>

namespace hubbub {
namespace {

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

/// Lets clients and load balancers notice that the server is about to stop, and then closes the
/// sessions one after the other. A second signal ends it.
void drain_in_steps(process_signals& signals, chat_server& chat, const hubbub_config& config,
                    const supervisor& above) {
  above.stopping(config.drain_delay + config.drain_time + stuck_after + stuck_after);
  if (!signals.let_pass(config.drain_delay) || config.drain_time.count() == 0) return;
  log(log_event::draining, "closing the sessions, spread over drain_time",
      {{"drain_ms", std::int64_t{config.drain_time.count()}}});
  chat.connections().empty(config.drain_time, [&signals] { signals.end_wait(); });
  signals.let_pass(config.drain_time);
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

/// Has the chat leave everything, and goes on to tell the supervisor that the process is alive:
/// the disk may take long for the last commit. Returns when that was; nothing if a signal to
/// stop came meanwhile.
std::optional<std::chrono::steady_clock::time_point> leave_all(process_signals& signals,
                                                               chat_server& chat) {
  constexpr std::chrono::hours long_time{24};
  std::chrono::steady_clock::time_point last_commit;
  bool is_over = false; // used on this thread alone
  std::thread leaving{[&] {
    last_commit = chat.hand_over();
    boost::asio::post(signals.io(), [&] {
      is_over = true;
      signals.end_wait();
    });
  }};
  bool goes_on = true;
  while (!is_over)
    goes_on = signals.let_pass(long_time) && goes_on;
  leaving.join();
  if (!goes_on) return std::nullopt;
  return last_commit;
}

/// Leaves everything to the new process, which has found that it could serve. Returns the
/// program's exit status; nothing if the new process has failed and this one must serve again.
std::optional<int> hand_over(process_signals& signals, chat_server& chat, upgrade& change,
                             const hubbub_config& config, const std::optional<predecessor>& old,
                             const supervisor& above) {
  const auto last_commit = leave_all(signals, chat);
  if (!last_commit) {
    change.stop_successor();
    return EXIT_SUCCESS;
  }
  const auto became = change.go(*last_commit);
  if (became == upgrade::outcome::failed) return std::nullopt;
  if (became == upgrade::outcome::stopped) return EXIT_SUCCESS;
  above.replaced_by(change.successor_pid());
  bool failed = false;
  change.leave([&failed, &signals](bool has_failed) {
    failed = has_failed;
    signals.end_wait();
  });
  if (old) old->pass_on();
  const auto time = closing_time(config, chat.sessions());
  log(log_event::draining, "closing the sessions, whose clients come to the new process",
      {{"drain_ms", std::int64_t{time.count()}}});
  chat.connections().empty(time, [&signals] { signals.end_wait(); });
  signals.let_pass(time + stuck_after);
  change.give_up();
  if (!failed || above.exists()) return EXIT_SUCCESS; // a supervisor starts the service again
  log(log_event::upgrade_failed, "this process serves again, since the new one has ended");
  return std::nullopt;
}

/// Tells who must know that the server runs: the log, scripts, the process that it replaces,
/// and the supervisor.
void announce(const serve_command& command, const std::string& url,
              std::optional<predecessor>& old, const supervisor& above) {
  log_start(command, url); // before anybody who waits for the next line sends a request
  // Scripts wait for this line.
  std::cout << "listening on " << url << std::endl;
  if (old && !old->has_taken_over()) {
    log(log_event::took_over, "serving in the place of another process",
        {{"pause_ms", std::int64_t{old->pause().count()}}});
    old->take_over();
  }
  above.ready("listening on " + url);
}

/// Serves until a signal comes. Returns the program's exit status; nothing if an upgrade has
/// failed after this process had left everything to the new one. Then `config` has the sockets,
/// to serve again.
std::optional<int> serve(caf::actor_system& system, const serve_command& command,
                         hubbub_config& config, std::optional<predecessor>& old,
                         process_signals& signals, const supervisor& above) {
  auto host = broker_access::make(system, config, [] { kill(getpid(), SIGTERM); });
  if (const auto why = host.start()) return fail(text_of(why));
  auto& chat = broker_access::chat_of(host);
  announce(command, host.url(), old, above);
  show_life(signals, chat, above);

  upgrade change{signals, config};
  change.open_control();
  change.offer(chat.listening(),
               config.server.inherited.empty() || config.server.owns_inherited);
  const auto order = signals.wait(
      [&] {
        above.reloading();
        host.reload();
        above.ready("listening on " + host.url());
      },
      [&change] { change.begin(); });
  std::optional<int> status = EXIT_SUCCESS;
  if (order == stop_order::hand_over) {
    status = hand_over(signals, chat, change, config, old, above);
  } else {
    change.give_up();
    host.announce_stop();
    if (order == stop_order::in_steps) drain_in_steps(signals, chat, config, above);
  }
  if (status) {
    signals.guard_shutdown();
  } else {
    signals.forget_repeated();
    config.server.inherited = change.take_sockets();
    config.server.owns_inherited = change.owns_files();
    config.server.is_successor = true;
  }
  host.drain();
  system.await_all_actors_done(); // rooms end on the io threads, which must still exist
  host.stop();
  return status;
}

} // namespace

int run_server(const serve_command& command) {
  auto old = predecessor::find();
  auto passed = passed_sockets(); // before anything else opens a descriptor
  if (!passed) return fail(passed.error());
  auto config = command.config;
  config.server.inherited = *std::move(passed);
  const supervisor above;
  process_signals signals;
  if (old && !old->await_turn(config)) return EXIT_FAILURE; // which the old process reports
  start_log(config.log, config.logged_as);

  caf::actor_system_config system_config;
  broker::configure(system_config);
  compat::use_one_thread(system_config); // for timeouts alone: the chat runs on io threads
  caf::actor_system system{system_config};
  std::optional<int> status;
  while (!status)
    status = serve(system, command, config, old, signals, above);
  if (*status == EXIT_SUCCESS) {
    log(log_event::stopped, "stopped");
    if (old) old->has_stopped();
  }
  stop_log();
  return *status;
}

} // namespace hubbub
