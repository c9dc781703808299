#include "bench/scenario/churn.hpp"
#include "bench/scenario/gathering.hpp"
#include "bench/scenario/scenario.hpp"
#include "bench/scenario/traffic.hpp"

#include <algorithm>
#include <string>

namespace hubbub::bench {
namespace {

/// Returns the prefix of a phase's figures, for a run that has other phases too.
std::string stage_of(const run& of, const std::string& phase) {
  return of.asked.phase == storm_phase::all ? phase + ": " : "";
}

void report_cost(run& of, const std::string& what, const measurement& found,
                 std::uint64_t times) {
  if (!found.knows_server || times == 0) return;
  const auto cpu = as_double(found.server.cpu);
  const auto count = static_cast<double>(times);
  of.report.figures.push_back({"server's CPU a " + what, cpu / count, unit::nanoseconds});
  of.report.figures.push_back(
      {what + "s per CPU-second of the server", count * 1e9 / cpu, unit::count});
}

/// Cuts off all clients at the same moment; all reconnect at once. Then one message through
/// each room shows that everybody is really there.
bool reconnect(run& of) {
  if (!of.clients.join_all()) return false;
  of.clients.settle();
  of.clients.forget_times();
  of.clients.allow_at_once(of.clients.size());
  of.shown.stage("reconnecting", [&of] {
    return static_cast<double>(of.clients.joined()) / static_cast<double>(of.clients.size());
  });
  of.measure.begin(sampling);
  const auto begun = of.loop.now();
  for (std::size_t i = 0; i < of.clients.size(); ++i)
    of.clients.drop(i);
  for (std::size_t i = 0; i < of.clients.size(); ++i)
    of.clients.connect_and_join(i);
  const bool back = of.clients.await_joined();
  const auto took = of.loop.tick() - begun;
  const auto found = of.measure.read();
  of.report.latencies.push_back(make_curve("back", of.clients.join_times()));
  if (!back) return false;
  of.report.figures.push_back({"time until all are back", as_double(took), unit::nanoseconds});
  report_cost(of, "reconnect", found, of.clients.size());
  report_measurement(of, found, stage_of(of, "reconnecting"));

  of.clients.settle();
  traffic probe{of};
  probe.send_round();
  probe.finish();
  of.clients.observe(nullptr);
  return true;
}

void come_and_go(run& of) {
  for (std::size_t i = 0; i < of.clients.size(); ++i)
    of.clients.drop(i);
  of.clients.settle();
  of.clients.allow_at_once(of.clients.size());
  churn cycles{of};
  of.shown.stage("churn", of.asked.duration);
  of.measure.begin(sampling);
  cycles.begin();
  of.clients.turn_for(of.asked.duration);
  const auto found = of.measure.read();
  const auto done = cycles.done();
  cycles.finish();
  of.report.figures.push_back({"cycles", found.per_second(done), unit::per_second});
  if (of.asked.rate > 0)
    of.report.figures.push_back({"cycles that were due and never began",
                                 static_cast<double>(cycles.never_begun()), unit::count});
  report_cost(of, "cycle", found, done);
  of.report.latencies.push_back(make_curve("cycle", cycles.times()));
  report_measurement(of, found, stage_of(of, "churn"));
}

} // namespace

void suit_storm(options& defaults) {
  defaults.rooms = std::max<std::size_t>(1, defaults.connections / members_of_a_room);
}

void run_storm(run& of) {
  const auto wanted = of.asked.phase;
  const bool all = wanted == storm_phase::all;
  if (wanted != storm_phase::churn) {
    of.measure.begin(sampling);
    if (!gather_connections(of)) return;
    const auto found = of.measure.read();
    report_cost(of, "connect", found, of.clients.size());
    // Before `reconnect` alone, connecting is only the preparation.
    if (wanted != storm_phase::reconnect)
      report_measurement(of, found, stage_of(of, "connecting"));
  }
  if ((all || wanted == storm_phase::reconnect) && !reconnect(of)) return;
  if (all || wanted == storm_phase::churn) come_and_go(of);
  of.measure.stop();
}

} // namespace hubbub::bench
