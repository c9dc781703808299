#include "net/program/serve.hpp"

#include "net/chat_server.hpp"
#include "net/io/passed_sockets.hpp"
#include "net/log/log.hpp"
#include "net/program/fail.hpp"
#include "net/program/process_signals.hpp"
#include "net/program/setting_table.hpp"
#include "net/program/supervisor.hpp"
#include "net/version.hpp"

#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <string>
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
  chat.on_drain_wanted([] { kill(getpid(), SIGTERM); });
  if (const auto started = chat.start(); !started) return fail(started.error());
  log_start(command, chat.url()); // before anybody who waits for the next line sends a request
  // Scripts wait for this line.
  std::cout << "listening on " << chat.url() << std::endl;

  const auto status = "listening on " + chat.url();
  above.ready(status);
  show_life(signals, chat, above);
  const auto order = signals.wait([&] {
    above.reloading();
    chat.reload();
    above.ready(status);
  });
  chat.announce_stop();
  if (order == stop_order::in_steps) drain_in_steps(signals, chat, config, above);
  signals.guard_shutdown();
  chat.drain();
  system.await_all_actors_done(); // rooms end on the io threads, which must still exist
  chat.stop();
  log(log_event::stopped, "stopped");
  stop_log();
  return EXIT_SUCCESS;
}

} // namespace hubbub
