// What it costs the server to tell every member of a room what one of them said.
#include "bench/fan_out.hpp"
#include "bench/server_process.hpp"

#include <CLI/CLI.hpp>
#include <sys/resource.h>

#include <chrono>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace hubbub::bench {
namespace {

using std::chrono::duration;
using seconds = duration<double>;
using microseconds = duration<double, std::micro>;
using milliseconds = duration<double, std::milli>;

struct options {
  fan_out_options load;
  std::filesystem::path server;
  std::size_t io_threads = 1;
  std::string durability = "full";
};

struct figures {
  std::size_t memory_empty = 0;
  std::size_t memory_connected = 0;
  std::size_t memory_joined = 0;
  std::size_t memory_after = 0;
  seconds elapsed{};
  cpu_time server_cpu;
  cpu_time load_cpu;
};

cpu_time own_cpu() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto from = [](const timeval& time) {
    return std::chrono::seconds{time.tv_sec} + std::chrono::microseconds{time.tv_usec};
  };
  return {from(usage.ru_utime), from(usage.ru_stime)};
}

/// Thousands of connections are more than a shell allows by itself; the server inherits it.
void allow_many_files() {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

expected<void, std::string> measure(fan_out& load, server_process& server, figures& out) {
  out.memory_empty = server.resident_bytes();
  if (auto done = load.connect(server.port()); !done) return done;
  out.memory_connected = server.resident_bytes();
  if (auto done = load.join(); !done) return done;
  out.memory_joined = server.resident_bytes();

  const auto server_before = server.cpu();
  const auto load_before = own_cpu();
  const auto start = std::chrono::steady_clock::now();
  if (auto done = load.send(); !done) return done;
  out.elapsed = std::chrono::steady_clock::now() - start;
  out.server_cpu = server.cpu() - server_before;
  out.load_cpu = own_cpu() - load_before;
  out.memory_after = server.resident_bytes();

  if (auto done = load.fence(); !done) return done;
  return server.stop();
}

double kilobytes(std::size_t after, std::size_t before, std::size_t clients) {
  return (static_cast<double>(after) - static_cast<double>(before)) / 1'000 /
         static_cast<double>(clients);
}

void print(const options& asked, const fan_out& load, const figures& found) {
  const auto& o = asked.load;
  const auto deliveries = static_cast<double>(load.deliveries());
  const auto each = [deliveries](auto time) { return microseconds{time}.count() / deliveries; };
  const auto quantile = [&load](double share) {
    return milliseconds{load.latencies().quantile(share)}.count();
  };
  const auto& cpu = found.server_cpu;
  const seconds busy{cpu.user + cpu.system};
  const seconds load_busy{found.load_cpu.user + found.load_cpu.system};
  const auto memory = [&found, &o](std::size_t now) {
    return kilobytes(now, found.memory_empty, o.clients);
  };
  std::printf("load         %zu clients in %zu rooms; %zu senders with %zu under way each; "
              "%zu messages of %zu bytes\n",
              o.clients, o.rooms, o.senders, o.window, o.messages, o.content);
  std::printf("server       --io-threads %zu --durability %s\n", asked.io_threads,
              asked.durability.c_str());
  std::printf("deliveries   %.0f in %.2f s: %.0f /s\n", deliveries, found.elapsed.count(),
              deliveries / found.elapsed.count());
  std::printf("server CPU   %.2f us a delivery: %.2f user, %.2f system; %.2f cores busy\n",
              each(cpu.user + cpu.system), each(cpu.user), each(cpu.system),
              busy / found.elapsed);
  std::printf("load's CPU   %.2f us a delivery; %.2f cores busy\n",
              each(found.load_cpu.user + found.load_cpu.system), load_busy / found.elapsed);
  std::printf("latency      p50 %.2f ms, p99 %.2f ms, longest %.2f ms\n", quantile(0.5),
              quantile(0.99), quantile(1));
  std::printf("memory       %.1f MB empty; a connection: %.1f KB connected, %.1f KB joined, "
              "%.1f KB after the run\n",
              static_cast<double>(found.memory_empty) / 1'000'000,
              memory(found.memory_connected), memory(found.memory_joined),
              memory(found.memory_after));
  std::printf("checked      every member got every message once and in order\n");
}

int fail(std::string_view why) {
  std::fprintf(stderr, "fan_out_bench: %.*s\n", static_cast<int>(why.size()), why.data());
  return 1;
}

int run(const options& asked) {
  if (asked.load.senders > asked.load.clients) return fail("more senders than clients");
  allow_many_files();
  auto server = server_process::start(
      asked.server, {"--io-threads", std::to_string(asked.io_threads), "--durability",
                     asked.durability, "--log-level", "warning"});
  if (!server) return fail(server.error());
  fan_out load{asked.load};
  figures found;
  if (auto done = measure(load, *server, found); !done) return fail(done.error());
  print(asked, load, found);
  return 0;
}

int parse_and_run(int argc, const char* const* argv) {
  options asked;
  asked.server = std::filesystem::read_symlink("/proc/self/exe").parent_path() / "hubbub";
  auto& load = asked.load;
  CLI::App app{"Measures fan-out: clients in rooms, some of whom send in a closed loop"};
  const auto number = [&app](const char* name, std::size_t& to, int from, int until,
                             const char* help) {
    app.add_option(name, to, help)->capture_default_str()->check(CLI::Range(from, until));
  };
  constexpr int many = 1'000'000'000;
  number("--clients", load.clients, 1, many, "WebSocket clients");
  number("--rooms", load.rooms, 1, many, "rooms; the clients are dealt out evenly");
  number("--senders", load.senders, 1, many, "clients that send");
  number("--window", load.window, 1, many, "messages of one sender that wait for their acks");
  number("--messages", load.messages, 1, many, "messages in all");
  number("--content", load.content, 64, 4'000, "bytes of a message's content");
  number("--io-threads", asked.io_threads, 1, 256, "the server's threads for connections");
  app.add_option("--durability", asked.durability, "the server's durability")
      ->capture_default_str();
  app.add_option("--server", asked.server, "the server")->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  return run(asked);
}

} // namespace
} // namespace hubbub::bench

int main(int argc, char** argv) {
  try {
    return hubbub::bench::parse_and_run(argc, argv);
  } catch (const std::exception& e) {
    return hubbub::bench::fail(e.what());
  }
}
