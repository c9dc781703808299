// The conformance server: an echo over Socket.IO and over bare Engine.IO.

#include "net/server.hpp"
#include "tests/echo/echo_application.hpp"
#include "tests/echo/engine_echo.hpp"

#include <CLI/CLI.hpp>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <iostream>

namespace {

using namespace hubbub;

constexpr std::chrono::milliseconds farewell_patience{3'000};

struct echo_system_config : caf::actor_system_config {
  echo_system_config() {
    compat::add_types<caf::id_block::hubbub>(*this);
    compat::add_types<caf::id_block::hubbub_echo>(*this);
    set("scheduler.policy", caf::atom("sharing"));
    set("scheduler.max-threads", 1);
  }
};

/// Blocks the signals that end the program, in all threads to come.
sigset_t block_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  return signals;
}

int run(const server_config& config, const sigset_t& signals) {
  echo_system_config system_config;
  caf::actor_system system{system_config};
  server echo{system, config};
  auto pacer = spawn_pacer(system);
  auto started = echo.start({echo_applications(pacer), {}, echo_consumers()});
  if (started) {
    std::cout << "listening on " << echo.url() << std::endl;
    int signal = 0;
    sigwait(&signals, &signal);
  } else {
    std::cerr << started.error() << '\n';
  }
  echo.close_sessions(farewell_patience);
  caf::anon_send_exit(pacer, caf::exit_reason::user_shutdown);
  pacer = nullptr;
  echo.stop();
  return started ? EXIT_SUCCESS : EXIT_FAILURE;
}

int serve(int argc, char* argv[]) {
  server_config config;
  config.port = 3000;
  auto ping_interval = config.engine.ping_interval.count();
  auto ping_timeout = config.engine.ping_timeout.count();

  CLI::App options{"An echo server to test Engine.IO and Socket.IO clients against."};
  options.add_option("--host", config.host, "address to listen on; all if not given");
  options.add_option("--port", config.port, "port to listen on; 0 picks a free one")
      ->capture_default_str();
  options.add_option("--io-threads", config.io_threads, "threads that serve; 0: one per core")
      ->capture_default_str();
  options.add_option("--ping-interval", ping_interval, "milliseconds between pings")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  options.add_option("--ping-timeout", ping_timeout, "milliseconds to answer a ping")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  CLI11_PARSE(options, argc, argv);

  config.engine.ping_interval = std::chrono::milliseconds{ping_interval};
  config.engine.ping_timeout = std::chrono::milliseconds{ping_timeout};
  return run(config, block_signals());
}

} // namespace

int main(int argc, char* argv[]) {
  try {
    return serve(argc, argv);
  } catch (const std::exception& failure) {
    std::fputs(failure.what(), stderr);
    return EXIT_FAILURE;
  }
}
