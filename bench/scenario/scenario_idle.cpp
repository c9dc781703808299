#include "bench/scenario/gathering.hpp"
#include "bench/scenario/scenario.hpp"

#include <algorithm>

namespace hubbub::bench {
void suit_idle(options& defaults) {
  defaults.duration = std::chrono::seconds{30};
  defaults.rooms = std::max<std::size_t>(1, defaults.connections / members_of_a_room);
}

/// Connects all clients, none of which says anything. At the end each one must still be able to
/// join a room.
void run_idle(run& of) {
  if (!gather_connections(of)) return;
  of.clients.settle();
  of.shown.stage("idle", of.asked.duration);
  of.measure.begin(std::chrono::milliseconds{500});
  of.clients.turn_for(of.asked.duration);
  const auto found = of.measure.read();
  of.measure.stop();
  if (found.knows_server)
    of.report.figures.push_back(
        {"server's CPU a connection and second",
         found.cores(found.server) * 1e9 / static_cast<double>(of.clients.size()),
         unit::nanoseconds});
  report_measurement(of, found);
  of.shown.stage("joining", of.asked.patience);
  of.clients.join_all();
}

} // namespace hubbub::bench
