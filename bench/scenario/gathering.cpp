#include "bench/scenario/gathering.hpp"

#include <algorithm>
#include <cstdio>
#include <string>

namespace hubbub::bench {
namespace {

using std::chrono::nanoseconds;

/// Share of one core above which the driver itself may have been the bottleneck.
constexpr double busy_driver = 0.9;
constexpr double busy_server = 0.9;
/// Share of the time the driver wanted to run but had no core, above which its clock is
/// doubtful.
constexpr double crowded_out = 0.05;
constexpr nanoseconds notable_lateness{1'000'000};
constexpr int samples_wanted = 100;
constexpr std::chrono::milliseconds shortest_sample{50};

void add(run& of, std::string name, double value, unit in) {
  of.report.figures.push_back({std::move(name), value, in});
}

double resident_growth(std::uint64_t before, std::uint64_t after) {
  return static_cast<double>(after) - static_cast<double>(before);
}

void report_memory(run& of, std::string_view when, std::uint64_t before) {
  if (!of.measure.knows_server()) return;
  add(of, "memory of a connection, " + std::string{when},
      resident_growth(before, of.measure.resident()) / static_cast<double>(of.clients.size()),
      unit::bytes);
}

std::string percent(double share) {
  return std::to_string(static_cast<int>(share * 100)) + " %";
}

} // namespace

double as_double(nanoseconds time) {
  return static_cast<double>(time.count());
}

bool gather_connections(run& of) {
  const auto before = of.measure.resident();
  of.shown.stage("connecting", [&of] {
    return static_cast<double>(of.clients.connected()) / static_cast<double>(of.clients.size());
  });
  const auto begun = of.loop.tick();
  const bool done = of.clients.connect_all();
  const nanoseconds took = of.loop.tick() - begun;
  of.report.latencies.push_back(make_curve("connect", of.clients.connect_times()));
  if (!done) return false;
  add(of, "connects", static_cast<double>(of.clients.size()) * 1e9 / as_double(took),
      unit::per_second);
  report_memory(of, "connected", before);
  return true;
}

bool gather(run& of) {
  const auto before = of.measure.resident();
  if (!gather_connections(of)) return false;
  of.shown.stage("joining", [&of] {
    return static_cast<double>(of.clients.joined()) / static_cast<double>(of.clients.size());
  });
  const auto begun = of.loop.tick();
  if (!of.clients.join_all()) return false;
  add(of, "time to join, all", as_double(of.loop.tick() - begun), unit::nanoseconds);
  of.shown.stage("settling", of.asked.settle);
  of.clients.settle();
  report_memory(of, "joined", before);
  return true;
}

measurement talk_and_measure(run& of, traffic& talk) {
  const auto& asked = of.asked;
  const bool counted = asked.messages > 0;
  talk.begin();
  if (!counted) {
    of.shown.stage("warming up", asked.warmup);
    of.clients.turn_for(asked.warmup);
    talk.forget_latencies();
  }
  of.shown.stage(asked.scenario, asked.duration);
  of.measure.begin(std::max<nanoseconds>(shortest_sample, asked.duration / samples_wanted));
  if (counted)
    talk.await_end();
  else
    of.clients.turn_for(asked.duration);
  const auto found = of.measure.read();
  of.measure.stop();
  of.shown.stage("finishing", of.asked.patience);
  return found;
}

void report_measurement(run& of, const measurement& found, const std::string& stage) {
  const auto& done = found.done;
  const auto note = [&](const char* name, double value, unit in) {
    add(of, stage + name, value, in);
  };
  if (done.deliveries > 0)
    note("deliveries", found.per_second(done.deliveries), unit::per_second);
  if (done.sent > 0) note("messages sent", found.per_second(done.sent), unit::per_second);
  if (done.confirmed > 0)
    note("messages confirmed", found.per_second(done.confirmed), unit::per_second);
  if (done.requests > 0) note("requests", found.per_second(done.requests), unit::per_second);
  if (found.knows_server) {
    const auto deliveries = static_cast<double>(done.deliveries);
    const auto& server = found.server;
    if (done.deliveries > 0) {
      note("deliveries per CPU-second of the server", deliveries * 1e9 / as_double(server.cpu),
           unit::count);
      note("server's CPU a delivery", as_double(server.cpu) / deliveries, unit::nanoseconds);
    }
    if (done.confirmed > 0)
      note("server's CPU a message",
           as_double(server.cpu) / static_cast<double>(done.confirmed), unit::nanoseconds);
    note("server's CPU", as_double(server.cpu), unit::nanoseconds);
    note("server's CPU, in the kernel", as_double(server.system), unit::nanoseconds);
    note("server's share of a core", found.cores(server), unit::share);
    note("server's memory at the end", static_cast<double>(server.resident), unit::bytes);
    note("server's memory, growth", resident_growth(found.resident_before, server.resident),
         unit::bytes);
    note("server's memory, peak", static_cast<double>(found.resident_peak), unit::bytes);
  }
  note("driver's share of a core", found.cores(found.driver), unit::share);
  note("driver's lag, p99", as_double(found.lag_p99), unit::nanoseconds);

  const auto busy = found.cores(found.driver);
  // If the server is as busy as it can be, it is the limit, whatever the driver does.
  const bool server_is_limit =
      found.knows_server &&
      found.cores(found.server) >= busy_server * static_cast<double>(found.server_cores);
  if (busy >= busy_driver && !server_is_limit)
    of.report.limits.push_back(stage + "the driver used " + percent(busy) +
                               " of its core: the server could have been faster");
  const auto waited = as_double(found.driver.waited) / as_double(found.elapsed);
  if (waited > crowded_out)
    of.report.limits.push_back(stage + "the driver waited " + percent(waited) +
                               " of the time for a core");
}

void report_talk(run& of, const measurement& found, const traffic& talk) {
  if (talk.latencies().count() > 0)
    of.report.latencies.push_back(make_curve("delivery", talk.latencies()));
  of.report.latencies.push_back(make_curve("confirmation", talk.confirmations()));
  if (talk.last_members().count() > 0)
    of.report.latencies.push_back(
        make_curve("from the ack to the last member", talk.last_members()));
  if (talk.lateness().count() > 0)
    of.report.latencies.push_back(make_curve("driver's lateness", talk.lateness()));

  const auto& seen = talk.latencies().count() > 0 ? talk.latencies() : talk.confirmations();
  if (found.lag_p50 * 2 > seen.quantile(0.5))
    of.report.limits.push_back("half of the latency may be the driver's own");
  const auto late = talk.lateness().quantile(0.99);
  if (late > notable_lateness && late * 4 > seen.quantile(0.99))
    of.report.limits.push_back(
        "the driver sent too late: " + show(as_double(late), unit::nanoseconds) +
        " at the 99th percentile");
}

} // namespace hubbub::bench
