// The smallest server that can answer the scenarios: its costs are those of the kernel and
// SQLite.
#include "bench/peers/floor/chat.hpp"
#include "bench/peers/floor/message_log.hpp"
#include "bench/peers/floor/outbox.hpp"
#include "bench/peers/floor/server.hpp"
#include "persistence/store.hpp"

#include <CLI/CLI.hpp>
#include <sys/resource.h>

#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <limits>
#include <map>
#include <string>

namespace hubbub::floor {
namespace {

struct options {
  std::uint16_t port = 0;
  std::string db;
  delivery mode = delivery::coalesced;
  writing log = writing::in_the_loop;
  durability level = durability::full;
  std::int64_t ping_interval_ms = 25'000;
};

void allow_many_files() {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

/// Blocks the ending signals before there is any thread, so that all threads inherit it.
void block_ending_signals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  sigprocmask(SIG_BLOCK, &set, nullptr);
}

int fail(const std::string& why) {
  std::fprintf(stderr, "floor: %s\n", why.c_str());
  return 1;
}

int run(const options& asked) {
  allow_many_files();
  block_ending_signals();
  const auto store = open_store({.path = asked.db, .level = asked.level});
  if (!store) return fail(store.error());
  outbox out{asked.mode};
  message_log log{**store, asked.log};
  chat rooms{out, log};
  const auto known =
      (*store)->reader()->list_rooms({}, {}, std::numeric_limits<std::int64_t>::max(), {});
  if (!known) return fail("cannot read the rooms of " + asked.db);
  for (const auto& each : *known)
    rooms.add(each);

  server loop{rooms, out, log, std::chrono::milliseconds{asked.ping_interval_ms}};
  const auto port = loop.listen(asked.port);
  if (!port) return fail(port.error());
  std::printf("listening on http://127.0.0.1:%d\n", *port);
  std::fflush(stdout);
  loop.run();
  return 0;
}

int parse_and_run(int argc, const char* const* argv) {
  options asked;
  bool writer_thread = false;
  CLI::App app{"A chat on bare epoll: what the kernel and SQLite alone cost"};
  const std::map<std::string, delivery> modes{{"per-delivery", delivery::at_once},
                                              {"coalesce", delivery::coalesced}};
  const std::map<std::string, durability> levels{{"full", durability::full},
                                                 {"normal", durability::normal}};
  app.add_option("--port", asked.port, "port to listen on; 0: a free one");
  app.add_option("--db", asked.db, "the database file")->required();
  app.add_option("--mode", asked.mode,
                 "one send per delivery, or one write per connection and pass")
      ->transform(CLI::CheckedTransformer(modes));
  app.add_option("--durability", asked.level, "what an ack promises")
      ->transform(CLI::CheckedTransformer(levels));
  app.add_flag("--writer-thread", writer_thread, "commit on a thread of its own");
  app.add_option("--ping-interval", asked.ping_interval_ms, "between pings, in ms")
      ->check(CLI::PositiveNumber);
  CLI11_PARSE(app, argc, argv);
  if (writer_thread) asked.log = writing::on_a_thread;
  return run(asked);
}

} // namespace
} // namespace hubbub::floor

int main(int argc, char** argv) {
  try {
    return hubbub::floor::parse_and_run(argc, argv);
  } catch (const std::exception& e) {
    return hubbub::floor::fail(e.what());
  }
}
